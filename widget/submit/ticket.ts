/**
 * Asks the relay for a ticket when a visitor touches a form, in the background: it shows later that a page was open for some
 * time. No failure has an effect on the form.
 */
import type { TicketReply } from '../../relay/protocol.ts'
import type { Globals } from '../globals.ts'

export interface Ticket {
  /** Address of the form. */
  url: string
  /** Time until which it is valid, in epoch ms. */
  until: number
  /** True when the relay may have stored a lead with it. Only the same submission may be sent with it again. */
  isUsed?: boolean
  /** Fields that are sent with the form, as far as they are known. */
  fields: { _ticket?: string | undefined; _challenge?: string | undefined }
  /** Resolves when the fields are complete. Never rejects. */
  ready: Promise<void>
  /** How long a submit waits for that, in ms; 0 when they are complete. */
  maxWait: number
}

/** A ticket is valid for an hour. */
const MAX_AGE_MS = 3e6

/** How long a submit waits for the ticket, and for the solution of a challenge, in ms. */
const MAX_TICKET_WAIT_MS = 300
const MAX_CHALLENGE_WAIT_MS = 8000

/**
 * Returns the ticket of the form that was touched: the last one, or another one where that is too old, or was used and the
 * visitor changes the form.
 *
 * @param address returns the form's address; it may throw
 */
export function ticketOf(
  address: () => string | undefined,
  isInput: boolean,
  last: Ticket | undefined,
  globals: Globals,
): Ticket | undefined {
  try {
    const url = address()
    if (url && (last?.url !== url || (last.isUsed ? isInput : Date.now() > last.until))) {
      const ticket = { url, until: Date.now() + MAX_AGE_MS, fields: {}, maxWait: MAX_TICKET_WAIT_MS } as Ticket
      ticket.ready = fill(ticket, globals)
      return ticket
    }
  } catch {
    // The touched element is in no form, or the address of the form is not valid.
  }
  return last
}

async function fill(ticket: Ticket, globals: Globals): Promise<void> {
  const { url, fields } = ticket
  try {
    const response = await globals.fetch(url.replace(/[?#].*|$/, '/ticket'), { credentials: 'omit' })
    // The form has no tickets, or the relay does not know any.
    if ([204, 404].includes(response.status)) ticket.until = Infinity
    const { ticket: given, challenge } = (await response.json()) as TicketReply
    fields._ticket = given
    if (challenge) {
      ticket.maxWait = MAX_CHALLENGE_WAIT_MS
      fields._challenge = await (await import('../challenge/solve.ts')).solve(challenge)
    }
  } catch {
    // The form is sent without.
  }
  ticket.maxWait = 0
}
