/**
 * Solves the challenge of a form by the library of ALTCHA. The widget loads this file on demand, for forms that have one.
 *
 * The browser derives the keys beside the page's own thread, so that neither a worker nor `eval` is needed, and every
 * Content-Security-Policy that allows the widget allows this too.
 */
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'
import type { TicketReply } from '../../relay/protocol.ts'

/** Returns the challenge with its solution, as JSON in base64; undefined if it takes longer than a minute and a half. */
export async function solve(challenge: NonNullable<TicketReply['challenge']>): Promise<string | undefined> {
  const solution = await solveChallenge({ challenge, deriveKey })
  return solution ? btoa(JSON.stringify({ challenge, solution })) : undefined
}
