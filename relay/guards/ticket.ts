/**
 * Makes and checks tickets. A page asks for one when a visitor first touches its form, and posts it with the form. A valid
 * ticket shows that its sender has asked as the widget does, and when. A program can do that too, for each post anew.
 *
 * A ticket has the time of its issue, a nonce, and an HMAC-SHA-256 (RFC 2104) of both with the form and the origin. Whether
 * it was used before is for `used-tokens.ts` to know. The clock and the randomness are parameters.
 */
import { fromHex, toHex } from '../hex.ts'

export interface TicketOptions {
  /** Secrets, of which the first one signs. A ticket is valid by any of them. */
  keys: readonly string[]
  /** Returns epoch milliseconds. */
  now: () => number
  /** Returns `length` random bytes. */
  randomBytes: (length: number) => Uint8Array
}

/** `nonce` is different for each ticket, `issuedAt` is in epoch ms. */
type TicketCheck = { ok: true; nonce: string; issuedAt: number } | { ok: false; reason: string }

export interface Tickets {
  /** @param origin that of the page which asks */
  issue(form: string, origin: string): Promise<string>
  /** @param origin that of the page which posts the form; undefined where it is unknown */
  check(ticket: string | undefined, form: string, origin: string | undefined): Promise<TicketCheck>
}

/** Time for which a ticket is valid, in ms. */
export const TICKET_MS = 3_600_000

/** Maximum difference between the clocks of two relays, in ms. */
const CLOCK_SKEW_MS = 60_000

const NONCE_BYTES = 12

/** Time of issue in base 36, nonce and signature in hexadecimal. */
const TICKET = /^([0-9a-z]{1,11})\.([0-9a-f]{24})\.([0-9a-f]{64})$/

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const

/** Creates the maker of tickets for all forms. */
export function createTickets({ keys, now, randomBytes }: TicketOptions): Tickets {
  let imported: CryptoKey[] | undefined

  /** Returns the keys. Not their promise is kept, because in a Worker it belongs to the request that made it. */
  async function cryptoKeys(): Promise<CryptoKey[]> {
    const importKey = (key: string) =>
      crypto.subtle.importKey('raw', new TextEncoder().encode(key), HMAC, false, ['sign', 'verify'])
    return (imported ??= await Promise.all(keys.map(importKey)))
  }

  async function isSigned(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
    for (const key of await cryptoKeys()) {
      if (await crypto.subtle.verify('HMAC', key, signature, message)) return true
    }
    return false
  }

  return {
    async issue(form, origin) {
      const issued = now().toString(36)
      const nonce = toHex(randomBytes(NONCE_BYTES))
      const [key] = await cryptoKeys()
      const signature = await crypto.subtle.sign('HMAC', key!, messageOf(form, origin, issued, nonce))
      return `${issued}.${nonce}.${toHex(new Uint8Array(signature))}`
    },

    async check(ticket, form, origin) {
      if (ticket === undefined || ticket === '') return failed('none was sent')
      const [, issued = '', nonce = '', signature = ''] = TICKET.exec(ticket) ?? []
      if (signature === '') return failed('it is broken')
      if (origin === undefined || !(await isSigned(fromHex(signature), messageOf(form, origin, issued, nonce)))) {
        return failed('it is not for this form and the origin of this page')
      }
      const issuedAt = Number.parseInt(issued, 36)
      const age = now() - issuedAt
      if (age > TICKET_MS) return failed('it is older than an hour')
      if (age < -CLOCK_SKEW_MS) return failed('it is of the future: the clocks of the relays differ')
      return { ok: true, nonce, issuedAt }
    },
  }
}

function failed(reason: string): TicketCheck {
  return { ok: false, reason }
}

/** Returns what is signed. No form, time and nonce have a line break, and so no two of them have one text. */
function messageOf(form: string, origin: string, issued: string, nonce: string): Uint8Array<ArrayBuffer> {
  // A copy has the one type of bytes that each runtime takes.
  return new Uint8Array(new TextEncoder().encode(`ticket\n${form}\n${issued}\n${nonce}\n${origin}`))
}
