/** Reads the secrets that forms with a ticket or a challenge need. No message contains the value of a secret. Pure. */
import type { Challenge } from '../intake/challenge-fields.ts'
import { text, type Environment } from './account.ts'
import type { AddIssue, Form } from './forms.ts'

export interface RobotSecrets {
  /** Secrets of tickets and of challenges by work, of which the first one signs. */
  keys: readonly string[]
  /** Secret of each provider of challenges. */
  secrets: Partial<Record<Exclude<Challenge, 'altcha'>, string>>
}

/** Returns whether a form has a ticket or a challenge. */
export function hasRobots(forms: ReadonlyMap<string, Form>): boolean {
  return [...forms.values()].some(({ ticket, challenge }) => ticket || challenge)
}

/** Minimum length of a key, in characters. With a shorter one tickets could be made by guessing it. */
const MIN_TICKET_KEY_LENGTH = 32

const SECRETS = {
  turnstile: 'FORM_SYNC_TURNSTILE_SECRET',
  hcaptcha: 'FORM_SYNC_HCAPTCHA_SECRET',
  recaptcha: 'FORM_SYNC_RECAPTCHA_SECRET',
} as const

/** Reads the secrets, and reports each one that a form needs and that is missing. */
export function readRobotSecrets(env: Environment, forms: Iterable<Form>, addIssue: AddIssue): RobotSecrets {
  const keys = (text(env.FORM_SYNC_TICKET_KEY) ?? '').split(/[\s,]+/).filter((key) => key !== '')
  if (keys.some((key) => key.length < MIN_TICKET_KEY_LENGTH)) {
    addIssue('FORM_SYNC_TICKET_KEY', `must have ${MIN_TICKET_KEY_LENGTH} characters or more; ${HOW_TO_MAKE_ONE}`)
  }
  const secrets: RobotSecrets['secrets'] = {}
  for (const { name, ticket, challenge } of forms) {
    if (keys.length === 0 && (ticket || challenge === 'altcha')) {
      const key = ticket ? 'ticket' : 'challenge'
      addIssue(`forms.${name}.${key}`, `needs FORM_SYNC_TICKET_KEY; ${HOW_TO_MAKE_ONE}`)
    }
    if (!challenge || challenge === 'altcha') continue
    const secret = text(env[SECRETS[challenge]])
    if (secret) secrets[challenge] = secret
    else addIssue(`forms.${name}.challenge`, `needs ${SECRETS[challenge]}, the secret key of your site at the provider`)
  }
  return { keys, secrets }
}

const HOW_TO_MAKE_ONE = 'make one with: openssl rand -base64 32'
