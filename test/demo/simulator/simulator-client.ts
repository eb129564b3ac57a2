/** Test client for a simulator. Writes and signs messages without code of the product, and reads answers with patterns. */
import { createHmac } from 'node:crypto'
import { createSimulator, type SimulatorOptions } from '../../../demo/simulator/index.ts'
import type { CallDetail, CallLine, LimitsView, PersonView } from '../../../demo/simulator/view.ts'

export const ACCOUNT = {
  userId: 'acmeweb_0A1B2C3D4E5F60718293A4',
  secretKey: 'correct horse battery',
  clientId: '7f2c5a10-3f0e-4c1a-9f57-0d8a6f4b2c11',
  clientSecret: 'correct.staple',
  munchkinId: '123-ABC-456',
}

export const START = Date.parse('2026-11-23T09:30:00Z')

export const TOKEN = '_mch-acme.example-1764000000000-54321'
export const COOKIE = `id:123-ABC-456&token:${TOKEN}`
export const OTHER_TOKEN = '_mch-acme.example-1764000000001-11111'
export const OTHER_COOKIE = `id:123-ABC-456&token:${OTHER_TOKEN}`

/** A lead in a test. Every part is optional. */
export interface Lead {
  id?: number | string
  email?: string
  foreignId?: string
  foreignType?: string
  attributes?: Record<string, string>
  cookie?: string
  workspace?: string
  returnLead?: string
}

export interface Answer {
  status: number
  type: string | null
  body: string
  leadId: number | undefined
  /** Text of the first `status` element: CREATED, UPDATED, FAILED. */
  done: string | undefined
  code: string | undefined
}

export type SimulatorClient = ReturnType<typeof openSimulator>

export function openSimulator(options: Partial<SimulatorOptions> = {}) {
  const clock = { now: START }
  const { app } = createSimulator({ now: () => clock.now, account: ACCOUNT, ...options })

  async function get<Body>(path: string): Promise<Body> {
    const response = await app.request(path)
    return (await response.json()) as Body
  }

  async function post(
    message: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ): Promise<Answer> {
    const type = { 'Content-Type': 'text/xml;charset=UTF-8' }
    const init = { method: 'POST', body: message, headers: { ...type, ...headers }, signal }
    return readAnswer(await app.request('/soap/mktows/3_1', init))
  }

  return {
    app,
    clock,
    /** Resolves when this number of calls is in progress. */
    waitForActiveCalls: async (calls: number) => {
      while ((await get<LimitsView>('/sim/limits')).used.now !== calls) await nextTick()
    },
    post,
    /** Sends a syncLead. The signal closes the connection. */
    sync: (lead: Lead, signal?: AbortSignal) => post(syncLeadMessage(lead, clock.now), {}, signal),
    /** Sends any call: `ask('GetLead', '<leadKey>…')`. */
    ask: (name: string, params: string) => post(message({ root: `params${name}`, params, now: clock.now })),
    visit: async (token: string, path: string, more: Record<string, string> = {}) => {
      const page = {
        _mchId: '123-ABC-456',
        _mchTk: token,
        _mchHo: 'www.acme.example',
        _mchPo: '',
        _mchRu: path,
        _mchRe: '',
      }
      return app.request(`/webevents/visitWebPage?${new URLSearchParams({ ...page, ...more })}`, { method: 'POST' })
    },
    control: (path: string, body: unknown) => app.request(path, { method: 'POST', body: JSON.stringify(body) }),
    leads: () => get<PersonView[]>('/sim/leads'),
    /** Reads the calls, with an optional query: `calls('?after=3')`. */
    calls: (query = '') => get<CallLine[]>(`/sim/calls${query}`),
    call: (number: number) => get<CallDetail>(`/sim/calls/${number}`),
    limits: () => get<LimitsView>('/sim/limits'),
  }
}

/** Lets other tasks of the event loop run. */
export function nextTick(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

async function readAnswer(response: Response): Promise<Answer> {
  const body = await response.text()
  const leadId = /<leadId>(\d+)<\/leadId>/.exec(body)?.[1]
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body,
    leadId: leadId === undefined ? undefined : Number(leadId),
    done: /<status>(\w+)<\/status>/.exec(body)?.[1],
    code: /<code>(\d+)<\/code>/.exec(body)?.[1],
  }
}

export function syncLeadMessage(lead: Lead, now: number): string {
  const { id, email, foreignId, foreignType, attributes, cookie, workspace, returnLead = 'false' } = lead
  const list = Object.entries(attributes ?? {}).map(
    ([name, value]) => `<attribute>${element('attrName', name)}${element('attrValue', value)}</attribute>`,
  )
  const record =
    element('Id', id) +
    element('Email', email) +
    element('ForeignSysPersonId', foreignId) +
    element('ForeignSysType', foreignType) +
    (list.length > 0 ? `<leadAttributeList>${list.join('')}</leadAttributeList>` : '')
  return message({
    now,
    params: `<leadRecord>${record}</leadRecord>${element('returnLead', returnLead)}${element('marketoCookie', cookie)}`,
    context:
      workspace === undefined
        ? ''
        : `<ns1:MktowsContextHeader>${element('targetWorkspace', workspace)}</ns1:MktowsContextHeader>`,
  })
}

interface Message {
  /** Time of the stamp, in epoch milliseconds, unless `stamp` is given. */
  now?: number
  userId?: string
  secretKey?: string
  stamp?: string
  signature?: string
  /** Name of the body's element. */
  root?: string
  params?: string
  /** XML of another header block. */
  context?: string
}

/** Writes a complete message. Parts that are not given are valid. */
export function message({ userId = ACCOUNT.userId, secretKey = ACCOUNT.secretKey, ...more }: Message): string {
  const { root = 'paramsSyncLead', params = '', context = '', now = START } = more
  const { stamp = `${new Date(now).toISOString().slice(0, 19)}+00:00` } = more
  const hmac = createHmac('sha1', secretKey).update(stamp + userId)
  const { signature = hmac.digest('hex') } = more
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Header>
    <ns1:AuthenticationHeader>
      <mktowsUserId>${userId}</mktowsUserId>
      <requestSignature>${signature}</requestSignature>
      <requestTimestamp>${stamp}</requestTimestamp>
    </ns1:AuthenticationHeader>${context}
  </SOAP-ENV:Header>
  <SOAP-ENV:Body><ns1:${root}>${params}</ns1:${root}></SOAP-ENV:Body>
</SOAP-ENV:Envelope>`
}

/** Writes an element with text, or nothing without text. */
export function element(name: string, text: string | number | undefined): string {
  if (text === undefined) return ''
  return `<${name}>${String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`
}

export function leadKey(type: string, value: string | number): string {
  return `<leadKey>${element('keyType', type)}${element('keyValue', value)}</leadKey>`
}

/** Returns the texts of all elements with this name, in order. */
export function texts(body: string, name: string): string[] {
  return [...body.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => text ?? '')
}

/** Removes the white space between elements. */
export function dense(xml: string): string {
  return xml.replace(/>\s+</g, '><').trim()
}
