/**
 * The rules `ticket` and `too-fast`: a post has no valid ticket, or came at once after its ticket was issued.
 *
 * A post without a ticket may be that of a page without script. Its evidence is weak, and it is never refused.
 */
import type { ExaminedPost, Guard } from './guard.ts'
import type { Tickets } from './ticket.ts'
import { leadDigest, type UsedTokens } from './used-tokens.ts'

/** What is known about the ticket of a post. */
type TicketState = { issuedAt: number } | { reason: string }

/** Time that a visitor takes at least between the first touch of a form and its submit, in ms. */
const MIN_TIME_MS = 1_000

/** Creates the two guards, which check each ticket once. */
export function createTicketGuards(tickets: Tickets, used: UsedTokens): Guard[] {
  const states = new WeakMap<ExaminedPost, Promise<TicketState>>()

  async function read({ form, submission, lead, page }: ExaminedPost): Promise<TicketState> {
    const check = await tickets.check(submission.extras.get('_ticket'), form.name, page)
    if (!check.ok) return check
    const isFirst = used.use(check.nonce, await leadDigest(lead))
    return isFirst ? check : { reason: 'it was used for another lead' }
  }

  /** Returns the state of the ticket; undefined where the form has no tickets. */
  function stateOf(post: ExaminedPost): Promise<TicketState> | undefined {
    if (!post.form.ticket) return undefined
    const state = states.get(post) ?? read(post)
    states.set(post, state)
    return state
  }

  return [
    {
      rule: 'ticket',
      async examine(post) {
        const state = await stateOf(post)
        return state && 'reason' in state ? { weak: true, reason: `no valid ticket: ${state.reason}` } : undefined
      },
    },
    {
      rule: 'too-fast',
      async examine(post) {
        const state = await stateOf(post)
        const isFast = state && 'issuedAt' in state && post.now - state.issuedAt < MIN_TIME_MS
        return isFast ? { reason: 'less than a second between the first touch and the submit' } : undefined
      },
    },
  ]
}
