/**
 * Puts together what forms with a ticket or a challenge need: what a page gets at the first touch, and the guards that check
 * what it posts. A Worker loads this file and all that it imports only where a form needs it.
 */
import type { Form } from '../config/forms.ts'
import type { Log } from '../monitoring/events.ts'
import type { TicketReply } from '../protocol.ts'
import { CHALLENGE_MS, createAltcha } from './challenge/altcha.ts'
import { createChallengeGuard, type ChallengeGuardOptions } from './challenge/challenge-guard.ts'
import type { Provider } from './challenge/providers.ts'
import type { Guard } from './guard.ts'
import { createTickets, TICKET_MS } from './ticket.ts'
import { createTicketGuards } from './ticket-guards.ts'
import { createUsedTokens } from './used-tokens.ts'

export interface RobotsOptions extends Pick<ChallengeGuardOptions, 'secrets' | 'fetch'> {
  /** Secrets of tickets and of challenges by work. */
  keys: readonly string[]
  /** Returns epoch milliseconds. */
  now: () => number
  /** Returns `length` random bytes. */
  randomBytes: (length: number) => Uint8Array
  log: Log
}

export interface Robots {
  /**
   * Returns what a page gets that asks for a ticket; undefined where its form needs nothing.
   *
   * @param origin that of the page
   */
  issue(form: Form, origin: string): Promise<TicketReply | undefined>
  guards: readonly Guard[]
}

/** Time after which a provider that still does not answer is reported again, in ms. */
const REPORT_MS = 60_000

export function createRobots({ keys, secrets, now, randomBytes, fetch, log }: RobotsOptions): Robots {
  const tickets = createTickets({ keys, now, randomBytes })
  const altcha = createAltcha({ keys, now })
  const reportedAt = new Map<Provider, number>()

  function onUnknown(provider: Provider, reason: string): void {
    if (now() - (reportedAt.get(provider) ?? -Infinity) < REPORT_MS) return
    reportedAt.set(provider, now())
    log({ event: 'challenge-unknown', provider, reason })
  }

  return {
    async issue({ name, ticket, challenge }, origin) {
      if (!ticket && challenge !== 'altcha') return undefined
      return {
        ...(ticket && { ticket: await tickets.issue(name, origin) }),
        ...(challenge === 'altcha' && { challenge: await altcha.create(name, origin) }),
      }
    },
    guards: [
      ...createTicketGuards(tickets, createUsedTokens(TICKET_MS, now)),
      createChallengeGuard({ altcha, secrets, used: createUsedTokens(CHALLENGE_MS, now), fetch, onUnknown }),
    ],
  }
}
