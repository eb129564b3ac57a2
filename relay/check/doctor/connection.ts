/** Examines what is the same for both APIs: address, encryption, clock and Munchkin id. */
import { munchkinIdOf } from '../../marketo/endpoint.ts'
import { nameOf } from '../../marketo/http-failure.ts'
import { ok, type DoctorOptions, type Examination } from './diagnosis.ts'

/** What was seen of the connection while calls were made. */
export interface Connection {
  fetch: DoctorOptions['fetch']
  /** Returns the examinations of the connection. */
  examine(): Examination[]
}

/** Maximum difference of two clocks without a warning, in ms. */
const MAX_CLOCK_ERROR_MS = 60_000

/** Wraps `fetch`, and notes whether the server is reached and what time its answers have. */
export function observe(endpoint: string, { fetch, now }: DoctorOptions, clockAdvice: string): Connection {
  const { host, protocol } = new URL(endpoint)
  let failure: string | undefined
  let isReached = false
  let clockErrorMs: number | undefined

  function examineAddress(): Examination {
    if (isReached) {
      const how = protocol === 'https:' ? 'over TLS, with a valid certificate' : 'without encryption'
      return ok('address', `${host} answers ${how}.`)
    }
    const seen = failure === undefined ? `${host} was not called.` : `${host} cannot be reached (${failure}).`
    return { name: 'address', result: 'error', seen, advice: adviceFor(failure ?? '') }
  }

  function examineClock(): Examination {
    if (clockErrorMs === undefined) {
      return { name: 'clock', result: 'not examined', seen: 'No answer had a Date header.' }
    }
    const seconds = Math.round(Math.abs(clockErrorMs) / 1_000)
    if (Math.abs(clockErrorMs) <= MAX_CLOCK_ERROR_MS) {
      return ok('clock', `The clock of this machine differs from Marketo's by ${seconds} s.`)
    }
    const seen = `The clock of this machine is ${seconds} s ${clockErrorMs > 0 ? 'ahead' : 'behind'}.`
    return { name: 'clock', result: 'warning', seen, advice: clockAdvice }
  }

  return {
    async fetch(url, init) {
      try {
        const response = await fetch(url, init)
        isReached = true
        const date = Date.parse(response.headers.get('date') ?? '')
        if (!Number.isNaN(date)) clockErrorMs = now() - date
        return response
      } catch (error) {
        failure = nameOf(error)
        throw error
      }
    },
    examine: () => [examineAddress(), examineClock()],
  }
}

function adviceFor(code: string): string {
  if (/CERT|SIGN|SSL|TLS/.test(code)) {
    return 'Its certificate is not accepted: check the host name, the clock, and a proxy that replaces certificates.'
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(code))
    return 'The name has no address: check the endpoint, and the DNS of this machine.'
  return 'Check the endpoint, and whether a firewall lets this machine call it.'
}

/** Compares the Munchkin id with the one in the name of the host. */
export function examineMunchkinId(endpoint: string, munchkinId: string | undefined): Examination {
  const name = 'Munchkin id'
  const expected = munchkinIdOf(endpoint)
  if (munchkinId === undefined && expected === undefined) {
    const advice = 'Set MUNCHKIN_ID to the id that Admin > Integration > Munchkin shows.'
    const seen = 'MUNCHKIN_ID is not set, and the endpoint does not tell it: cookies of other companies are accepted.'
    return { name, result: 'warning', seen, advice }
  }
  if (munchkinId === undefined) return ok(name, `${expected}, from the endpoint.`)
  if (expected === undefined || expected === munchkinId) return ok(name, `${munchkinId}.`)
  const seen = `MUNCHKIN_ID is ${munchkinId}, and the endpoint belongs to ${expected}: no cookie would be sent.`
  const advice = `Set MUNCHKIN_ID to ${expected}, or remove it, unless the endpoint is of another account.`
  return { name, result: 'error', seen, advice }
}
