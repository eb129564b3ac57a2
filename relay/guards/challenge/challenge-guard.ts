/**
 * The rule `challenge`: the challenge of a form is missing or not solved.
 *
 * An answer counts for one lead, and for the same lead again without another question to its provider. A provider that does
 * not answer says nothing about the visitor: the lead is held.
 */
import type { Form } from '../../config/forms.ts'
import { CHALLENGE_FIELDS } from '../../intake/challenge-fields.ts'
import type { ExaminedPost, Finding, Guard } from '../guard.ts'
import { leadDigest, textDigest, type UsedTokens } from '../used-tokens.ts'
import type { Altcha } from './altcha.ts'
import { isHostOf } from './page-host.ts'
import { askProvider, VERIFY_URLS, type Judgement, type Provider, type ProviderCall } from './providers.ts'

export interface ChallengeGuardOptions {
  altcha: Altcha
  /** Secret of each provider that a form uses. */
  secrets: Partial<Record<Provider, string>>
  /** Answers that leads have used. */
  used: UsedTokens
  fetch: ProviderCall['fetch']
  /** Reports a provider that could not tell. */
  onUnknown: (provider: Provider, reason: string) => void
}

/** Maximum length of an answer, in characters. Those of all providers are shorter. */
const MAX_ANSWER_LENGTH = 8_192

/** Maximum time between the solution of a provider's challenge and its post, in ms. */
const MAX_AGE_MS = 600_000

/** Lowest score of reCAPTCHA v3 that passes: the default of Google. */
const MIN_SCORE = 0.5

/** Creates the guard. */
export function createChallengeGuard({ altcha, secrets, used, fetch, onUnknown }: ChallengeGuardOptions): Guard {
  async function examineWork({ form, lead, page }: ExaminedPost, answer: string): Promise<Finding | undefined> {
    const content = await leadDigest(lead)
    const isFree = (nonce: string) => (used.userOf(nonce) ?? content) === content
    const check = await altcha.check(answer, form.name, page, isFree)
    if (!check.ok) return failed(check.reason)
    return used.use(check.nonce, content) ? undefined : failed(USED)
  }

  async function examineAnswer(
    provider: Provider,
    { form, lead, now }: ExaminedPost,
    token: string,
  ): Promise<Finding | undefined> {
    const [key, content] = await Promise.all([textDigest(token), leadDigest(lead)])
    const user = used.userOf(key)
    if (user !== undefined) return user === content ? undefined : failed(USED)
    const judgement = await askProvider({ url: VERIFY_URLS[provider], secret: secrets[provider]!, token, fetch })
    if (judgement.kind === 'unknown') {
      onUnknown(provider, judgement.reason)
      return { atLeast: 'hold', reason: `${provider} did not check the answer: ${judgement.reason}` }
    }
    const reason = reasonAgainst(judgement, form, now)
    if (reason !== undefined) return failed(reason)
    return used.use(key, content) ? undefined : failed(USED)
  }

  return {
    rule: 'challenge',
    async examine(post) {
      const { challenge } = post.form
      if (!challenge) return undefined
      const { extras, fields } = post.submission
      const answer = extras.get('_challenge') ?? fields.get(CHALLENGE_FIELDS[challenge])?.find((value) => value !== '')
      if (!answer) return failed('none was solved')
      if (answer.length > MAX_ANSWER_LENGTH) return failed('its answer is too long')
      return challenge === 'altcha' ? examineWork(post, answer) : examineAnswer(challenge, post, answer)
    },
  }
}

const USED = 'its answer was used for another lead'

function failed(reason: string): Finding {
  return { weak: true, reason }
}

/** Returns why an answer that was judged does not count; undefined where it does. */
function reasonAgainst(
  judgement: Exclude<Judgement, { kind: 'unknown' }>,
  { origins }: Form,
  now: number,
): string | undefined {
  if (judgement.kind === 'failed') return judgement.reason
  const { hostname, at, score = 1 } = judgement
  if (!isHostOf(origins, hostname)) return 'it was solved on a page of another host'
  if (now - at > MAX_AGE_MS) return 'it was solved more than ten minutes ago'
  if (score < MIN_SCORE) return `its score ${score} is below ${MIN_SCORE}`
  return undefined
}
