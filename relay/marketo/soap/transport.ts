/**
 * The SOAP way to Marketo: sign, write, fetch, read, judge. The only file of this folder that sends anything.
 *
 * Nothing is kept from one attempt to the next but what the signer keeps, and nothing is ever logged.
 */
import type { Lead } from '../../lead.ts'
import type { Transport, Verdict } from '../../verdict.ts'
import { readBody } from './body.ts'
import { within } from './deadline.ts'
import { writeEnvelope } from './envelope.ts'
import { UNCERTAIN } from './faults.ts'
import { judge } from './judge.ts'
import { createSigner, stampOf, type Account } from './sign.ts'
import { SYNC_LEAD, writeSyncLead } from './sync-lead.ts'

export interface SoapOptions extends Account {
  /** Where the API answers: `https://123-ABC-456.mktoapi.com/soap/mktows/3_1`. */
  endpoint: string
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The clock: epoch milliseconds. */
  now: () => number
  /** Milliseconds for one attempt, reply and all. The default is what syncLead has been seen to take. */
  timeout?: number
}

const HEADERS = { 'Content-Type': 'text/xml;charset=UTF-8', SOAPAction: `"${SYNC_LEAD}"` }

/**
 * Delivers leads by `syncLead`, one a call. Stamp and signature are made anew for each attempt.
 *
 * @throws {TypeError} when the endpoint is not a URL
 */
export function createSoapTransport(options: SoapOptions): Transport {
  const { endpoint, userId, secretKey, fetch, now, timeout = 90_000 } = options
  const { host } = new URL(endpoint)
  const sign = createSigner({ userId, secretKey })

  async function attempt(lead: Lead, signal: AbortSignal): Promise<Verdict> {
    const stamp = stampOf(now())
    let signature: string
    try {
      signature = await sign(stamp)
    } catch (error) {
      return { kind: 'blocked', reason: `the request cannot be signed (${nameOf(error)}): check the secret key` }
    }
    const frame = { userId, stamp, signature, workspace: lead.workspace }
    const body = writeEnvelope(frame, writeSyncLead(lead))

    let response: Response
    try {
      response = await fetch(endpoint, { method: 'POST', headers: HEADERS, body, redirect: 'manual', signal })
    } catch (error) {
      return { kind: 'retry', reason: `cannot reach ${host} (${nameOf(error)})`, everyone: true }
    }
    const location = response.headers.get('Location')
    return judge({ host, status: response.status, location, body: await readBody(response) }, lead)
  }

  return {
    name: 'soap',
    deliver: (lead) =>
      within(
        timeout,
        (signal) =>
          attempt(lead, signal).catch((error: unknown) => {
            // Nothing above should throw; a lead that is broken in the store might make it.
            return { ...UNCERTAIN, reason: `the attempt failed (${nameOf(error)})` }
          }),
        () => ({ kind: 'retry', reason: `no reply from ${host} within ${timeout / 1000} s` }),
      ),
  }
}

/** What kind of error it is: a code such as ECONNREFUSED, else its class. Never its message, which may quote anything. */
function nameOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(inner instanceof Error)) return 'unknown error'
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name
}
