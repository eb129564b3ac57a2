/**
 * The desk of a relay anywhere, by its `/v1/parked` and `/v1/replay`. The token goes to that address and to no other.
 */
import type { ParkedLeads, ListQuery, ParkedPage, ReplayOrder, ReplayStep } from '../admin/parked-leads.ts'
import { AdminError, type OpenAdmin } from './admin-source.ts'

/** Longer than 200 leads take anywhere, in milliseconds. */
const REQUEST_TIMEOUT_MS = 60_000

/** Opens it. Nothing is asked yet. */
export function adminOverHttp(address: string, token: string | undefined): OpenAdmin {
  const base = checked(address)
  if (!token) throw new AdminError(2, 'FORM_SYNC_CONSOLE_TOKEN is not set: --relay needs the one that the relay has')

  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' }

  async function ask(path: string, isRight: (body: object) => boolean, init: RequestInit = {}): Promise<unknown> {
    const { status, body } = await send(`${base}${path}`, { ...init, headers })
    if (status === 200 && body && isRight(body)) return body
    throw refusal(base, status, body)
  }

  const list = async ({ limit, values, after, id }: ListQuery & { id?: string }) => {
    const query = new URLSearchParams({ limit: String(limit), values: values ? '1' : '0' })
    if (after !== undefined) query.set('after', after)
    if (id !== undefined) query.set('id', id)
    return (await ask(`/v1/parked?${query}`, isPage)) as ParkedPage
  }

  const desk: ParkedLeads = {
    list,
    find: async (id, values) => (await list({ id, limit: 1, values })).parked[0],
    async replay(order: ReplayOrder) {
      return (await ask('/v1/replay', isStep, { method: 'POST', body: JSON.stringify(order) })) as ReplayStep
    },
  }
  return { desk, soon: 'The relay sends them now.', close: () => {} }
}

/** The address without the slash at its end. */
function checked(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AdminError(2, `--relay takes an address such as https://forms.acme.example, not "${address}"`)
  }
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isHere) {
    throw new AdminError(2, '--relay must be https: the token and the leads would travel in the clear')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

async function send(url: string, init: RequestInit): Promise<{ status: number; body: object | undefined }> {
  let response
  let text
  try {
    // Followed, a redirect would take the token elsewhere.
    response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    text = await response.text()
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message
    throw new AdminError(1, `${new URL(url).origin} does not answer: ${why}`, { cause: error })
  }
  return { status: response.status, body: parsed(text) }
}

function parsed(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

function isPage(body: object): boolean {
  const { total, parked } = body as Partial<ParkedPage>
  return typeof total === 'number' && Array.isArray(parked)
}

function isStep(body: object): boolean {
  const { seen, results } = body as Partial<ReplayStep>
  return typeof seen === 'number' && Array.isArray(results)
}

function refusal(base: string, status: number, body: object | undefined): AdminError {
  const { detail } = (body ?? {}) as { detail?: unknown }
  if (status === 401) return new AdminError(2, `${base} does not take this FORM_SYNC_CONSOLE_TOKEN`)
  if (status === 404 && body) {
    return new AdminError(1, `${base} serves no operator: set FORM_SYNC_CONSOLE_TOKEN where it runs, and restart it`)
  }
  if (status === 422 && typeof detail === 'string') return new AdminError(2, detail)
  const said = typeof detail === 'string' ? `: ${detail}` : ', and not as a relay does'
  return new AdminError(1, `${base} answers ${status}${said}`)
}
