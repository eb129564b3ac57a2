/** Sample data for the tests of the page: six fictitious people with their calls, and a crowd. All times are fixed. */
import type { ActivityView, CallDetail, CallView, LimitsView, PersonView } from '../../../../demo/simulator/view.ts'

/** Time of the browser in the tests. */
export const NOW = '2026-11-23T14:12:30.000Z'

const SITE = 'https://tidewater.example'
const TITLES: Record<string, string> = {
  '/': 'Tidewater – tide and current forecasts for harbours',
  '/forecast': 'The forecast – Tidewater',
  '/pricing': 'Pricing – Tidewater',
  '/pilot': 'Request a pilot – Tidewater',
  '/thanks': 'Thank you – Tidewater',
}

export function cookie(random: number): string {
  return `id:123-ABC-456&token:_mch-tidewater.example-1764000000000-${random}`
}

function visit(at: string, path: string): ActivityView {
  const title = TITLES[path.split('?')[0] ?? '']
  return { type: 'visit', at, url: SITE + path, ...(title ? { title } : {}) }
}

function person(id: number, fields: Partial<PersonView>): PersonView {
  const activities = fields.activities ?? []
  return {
    id,
    known: false,
    email: null,
    attributes: {},
    foreignIds: [],
    cookies: [],
    workspace: 'Default',
    partition: 'Default',
    activities,
    createdAt: activities[0]?.at ?? NOW,
    updatedAt: activities.at(-1)?.at ?? NOW,
    ...fields,
  }
}

const TODAY = '2026-11-23T'
const written = ['FirstName', 'LastName', 'Company', 'Title', 'LeadSource', 'Comments']

/** Three visits in six days, one call rejected by the rate limit, then known, then another visit. */
export const ana = person(1001, {
  known: true,
  email: 'ana.lima@portodosul.example',
  attributes: {
    FirstName: 'Ana',
    LastName: 'Lima',
    Company: 'Porto do Sul',
    Title: 'Harbour master',
    LeadSource: 'Web',
    Comments: 'Two berths with a strong cross current; we would like the 48 h forecast first.',
  },
  cookies: [cookie(54321)],
  activities: [
    visit('2026-11-17T09:14:02.000Z', '/?utm_source=harbour-letter'),
    visit('2026-11-17T09:14:40.000Z', '/forecast'),
    visit('2026-11-21T16:40:11.000Z', '/pricing'),
    visit(`${TODAY}13:58:20.000Z`, '/forecast'),
    visit(`${TODAY}14:01:03.000Z`, '/pilot'),
    { type: 'known', at: `${TODAY}14:03:09.412Z`, call: 5 },
    { type: 'sync', at: `${TODAY}14:03:09.412Z`, call: 5, status: 'CREATED', attributes: written },
    visit(`${TODAY}14:03:10.000Z`, '/thanks'),
    visit(`${TODAY}14:09:52.000Z`, '/pricing'),
  ],
})

export const zoe = person(1002, {
  known: true,
  email: 'zoe@obrien-soehne.example',
  attributes: { FirstName: 'Zoë', LastName: "O'Brien", Company: 'O’Brien & <Söhne> "😀"', LeadSource: 'Web' },
  cookies: [cookie(60417)],
  activities: [
    visit(`${TODAY}08:20:11.000Z`, '/'),
    visit(`${TODAY}08:20:58.000Z`, '/pricing'),
    visit(`${TODAY}08:21:40.000Z`, '/pilot'),
    { type: 'known', at: `${TODAY}08:24:02.100Z`, call: 2 },
    { type: 'sync', at: `${TODAY}08:24:02.100Z`, call: 2, status: 'CREATED', attributes: written.slice(0, 4) },
    visit(`${TODAY}08:24:03.000Z`, '/thanks'),
  ],
})

/** Written by a program, without a cookie. */
export const jonas = person(1003, {
  known: true,
  email: 'j.petersen@nordhavn.example',
  attributes: { FirstName: 'Jonas', LastName: 'Petersen', Company: 'Nordhavn Pilots' },
  foreignIds: [{ id: 'CRM-20417', type: 'CUSTOM' }],
  activities: [
    { type: 'sync', at: '2026-11-20T10:02:00.000Z', call: 1, status: 'CREATED', attributes: written.slice(0, 3) },
    { type: 'sync', at: `${TODAY}11:30:44.000Z`, call: 3, status: 'UPDATED', attributes: ['Company'] },
  ],
})

const ring = person(1004, {
  cookies: [cookie(87512)],
  activities: [
    visit(`${TODAY}12:40:00.000Z`, '/?gclid=x'),
    visit(`${TODAY}12:40:31.000Z`, '/forecast'),
    visit(`${TODAY}12:44:20.000Z`, '/pricing'),
  ],
})

/** A frequent visitor who has never sent a form. */
export const regular = person(1005, {
  cookies: [cookie(17090)],
  activities: Array.from({ length: 31 }, (_, i) =>
    visit(
      `2026-${i < 12 ? '10' : '11'}-${String(1 + ((i * 3) % 22)).padStart(2, '0')}T07:${String(i + 10)}:00.000Z`,
      i % 2 ? '/forecast' : '/',
    ),
  ).toSorted((a, b) => a.at.localeCompare(b.at)),
})

/** A visitor who is viewing the form. */
export const visitor = person(1006, {
  cookies: [cookie(77731)],
  activities: [
    visit(`${TODAY}14:08:02.000Z`, '/'),
    visit(`${TODAY}14:08:41.000Z`, '/forecast'),
    visit(`${TODAY}14:10:15.000Z`, '/pricing'),
    visit(`${TODAY}14:10:22.000Z`, '/pilot'),
  ],
})

/** The same visitor after sending the form. */
export const visitorKnown: PersonView = {
  ...visitor,
  known: true,
  email: 'mara@seven-locks.example',
  attributes: { FirstName: 'Mara', LastName: 'Okafor', Company: 'Seven Locks Canal Trust', LeadSource: 'Web' },
  activities: [
    ...visitor.activities,
    { type: 'known', at: `${TODAY}14:12:21.000Z`, call: 7 },
    { type: 'sync', at: `${TODAY}14:12:21.000Z`, call: 7, status: 'CREATED', attributes: written.slice(0, 4) },
  ],
}

export const people = [ana, zoe, jonas, ring, regular, visitor]

function call(number: number, at: string, fields: Partial<CallView> = {}): CallView {
  return { number, at, api: 'soap', operation: 'syncLead', ok: true, code: null, leadId: null, ms: 38, ...fields }
}

export const calls: CallView[] = [
  call(1, '2026-11-20T10:02:00.000Z', { leadId: 1003, ms: 51 }),
  call(2, `${TODAY}08:24:02.100Z`, { leadId: 1002 }),
  call(3, `${TODAY}11:30:44.000Z`, { leadId: 1003, ms: 29 }),
  call(4, `${TODAY}14:03:02.020Z`, { ok: false, code: '20023', ms: 6 }),
  call(5, `${TODAY}14:03:09.412Z`, { leadId: 1001, ms: 42 }),
  call(6, `${TODAY}14:06:30.000Z`, { ok: false, code: '20105', ms: 11 }),
]

/** The call that makes the visitor known. */
export const seventh = call(7, `${TODAY}14:12:21.000Z`, { leadId: 1006, ms: 44 })

export const limits: LimitsView = {
  ratePer20s: 100,
  concurrency: 10,
  daily: 10_000,
  used: { last20s: 12, now: 1, today: 1204 },
}

/** Writes a request in Marketo's format. The signature is masked, as by the simulator. */
function request(lead: PersonView | null, stamp: string): string {
  const attributes = Object.entries(lead?.attributes ?? { Favourite__c: 'Spring tide' })
    .map(
      ([name, value]) => `<attribute><attrName>${name}</attrName><attrValue>${escape(value)}</attrValue></attribute>`,
    )
    .join('')
  const marketoCookie = lead?.cookies[0] ? `<marketoCookie>${escape(lead.cookies[0])}</marketoCookie>` : ''
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>form-sync_demo</mktowsUserId><requestSignature>••••••••••••</requestSignature><requestTimestamp>${stamp}</requestTimestamp></ns1:AuthenticationHeader><ns1:MktowsContextHeader><targetWorkspace>Default</targetWorkspace></ns1:MktowsContextHeader></SOAP-ENV:Header><SOAP-ENV:Body><ns1:paramsSyncLead><leadRecord><Email>${lead?.email ?? 'nobody@tidewater.example'}</Email><leadAttributeList>${attributes}</leadAttributeList></leadRecord><returnLead>false</returnLead>${marketoCookie}</ns1:paramsSyncLead></SOAP-ENV:Body></SOAP-ENV:Envelope>`
}

function reply(leadId: number, status: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><SOAP-ENV:Body><ns1:successSyncLead><result><leadId>${leadId}</leadId><syncStatus><leadId>${leadId}</leadId><status>${status}</status><error xsi:nil="true"/></syncStatus><leadRecord xsi:nil="true"/></result></ns1:successSyncLead></SOAP-ENV:Body></SOAP-ENV:Envelope>`
}

function fault(code: string, short: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>${code} - ${short}</faultstring><detail><ns1:serviceException xmlns:ns1="http://www.marketo.com/mktows/"><name>mktServiceException</name><message>${message} (${code})</message><code>${code}</code></ns1:serviceException></detail></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const RATE = fault('20023', 'Rate limit exceeded', 'Max rate limit 100 exceeded within 20 secs')
const UNKNOWN = fault(
  '20105',
  'Unknown lead field',
  'syncLead operation failed: unknown fields for import: Favourite__c',
)

/** Requests and replies by call number. */
export const details: Record<number, Pick<CallDetail, 'status' | 'request' | 'response'>> = {
  1: { status: 200, request: request(jonas, '2026-11-20T10:02:00+00:00'), response: reply(1003, 'CREATED') },
  2: { status: 200, request: request(zoe, '2026-11-23T08:24:02+00:00'), response: reply(1002, 'CREATED') },
  3: { status: 200, request: request(jonas, '2026-11-23T11:30:44+00:00'), response: reply(1003, 'UPDATED') },
  4: { status: 500, request: request(ana, '2026-11-23T14:03:02+00:00'), response: RATE },
  5: { status: 200, request: request(ana, '2026-11-23T14:03:09+00:00'), response: reply(1001, 'CREATED') },
  6: { status: 500, request: request(null, '2026-11-23T14:06:30+00:00'), response: UNKNOWN },
  7: { status: 200, request: request(visitorKnown, '2026-11-23T14:12:21+00:00'), response: reply(1006, 'CREATED') },
}

/** Creates `count` people. Every third is known. */
export function crowd(count: number): PersonView[] {
  const paths = Object.keys(TITLES)
  return Array.from({ length: count }, (_, i): PersonView => {
    const start = Date.parse('2026-11-20T08:00:00.000Z') + i * 61_000
    const at = (n: number): string => new Date(start + n * n * (11_000 + (i % 7) * 9_000)).toISOString()
    const visits = Array.from({ length: 2 + (i % 6) }, (_, n) => visit(at(n), paths[n % paths.length] ?? '/'))
    const base = { cookies: [cookie(100_000 + i)], activities: visits }
    if (i % 3 > 0) return person(2000 + i, base)
    const moment = at(visits.length)
    return person(2000 + i, {
      ...base,
      known: true,
      email: `person${i}@harbour.example`,
      attributes: { FirstName: 'Person', LastName: `${i}` },
      activities: [...visits, { type: 'known', at: moment, call: 1 }],
    })
  })
}
