/**
 * Every answer of Marketo's and of a gateway, and what it means for the four calls: Sync Leads with one lead and with
 * several, Associate, and Submit Form. Sources: Adobe's page "Error Codes" and recorded answers; see docs/marketo.md.
 */
import { expect } from 'vitest'
import type { Verdict } from '../../../../relay/delivery/transport.ts'
import { createRestTransport } from '../../../../relay/marketo/rest/transport.ts'
import { COOKIE, failure, HOST, json, leadOf, skipped, startMarketo, success, token, type FakeOptions } from './fake.ts'

type Expected = { kind: Verdict['kind'] } & Record<string, unknown>

/** Verdicts on the four calls. `batch` is that of the second of three leads. */
type Verdicts = Record<'sync' | 'batch' | 'associate' | 'submit', Expected>

interface AnswerRow {
  name: string
  /** Code of Marketo's, if it is one. */
  code?: string
  options: (leads: number) => FakeOptions
  verdicts: Partial<Verdicts>
}

const BLOCKED = { kind: 'blocked' } as const
/** The account is blocked, unless another lead gets through: then this one is at fault. */
const NOT_UNDERSTOOD = { kind: 'blocked', maxAttempts: 3 } as const
const EVERYONE = { kind: 'failed', fault: 'account', arrived: 'yes' } as const
const RENEWED = { ...EVERYONE, waitMs: 1_000 } as const
/** Counted against the lead only while others get through. */
const INTERNAL = { ...EVERYONE, maxAttempts: 20 } as const
const IN_DOUBT = { ...INTERNAL, arrived: 'maybe' } as const
const TIMED_OUT = { kind: 'failed', fault: 'lead', arrived: 'maybe' } as const
const BUSY = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 20 } as const
const DOUBTFUL = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 } as const
const PARK = { kind: 'park' } as const
const SPLIT = { kind: 'failed', fault: 'batch', arrived: 'yes' } as const
const SPLIT_LATER = { kind: 'failed', fault: 'batch', arrived: 'maybe' } as const
const RATE = { kind: 'limited', limit: 'rate', waitMs: 20_000 } as const
const DAY = { kind: 'limited', limit: 'day', waitMs: 0 } as const
const CONCURRENCY = { kind: 'limited', limit: 'concurrency', waitMs: 2_000 } as const
/** Something on the way answers for all leads, or for what this one holds. Marketo may have the call. */
const LOST = { kind: 'failed', fault: 'account', arrived: 'maybe', gateway: true, maxAttempts: 20 } as const
const GATEWAY = { ...LOST, maxAttempts: 8 } as const
const REFUSED = { kind: 'blocked', gateway: true, maxAttempts: 3 } as const
const REJECTED = { kind: 'rejected', attributes: ['Hat__c'] } as const

const MERGE = 'two or more people have this address: merge them in Marketo, then replay'

/** The lead that an answer is about, and two others. */
const LEAD = leadOf('b', {
  attributes: [
    { name: 'FirstName', value: 'canary value' },
    { name: 'Hat__c', value: 'red' },
  ],
})
const FORM_LEAD = { ...LEAD, marketoForm: 1029, cookie: COOKIE }
const OTHERS = [leadOf('a'), leadOf('c')] as const
const OWED = { id: 'a', leadId: 700_123, email: 'canary@acme.example', cookie: COOKIE, acceptedAt: 0 }

/** Asks with each of the four calls, of which some have no such answer. */
export async function askAll(
  { options, verdicts }: AnswerRow,
  create = createRestTransport,
): Promise<Partial<Verdicts>> {
  const transportFor = (leads: number) => startMarketo({ ...options(leads), create }).transport
  const [before, after] = OTHERS
  const asked = {
    sync: async () => (await transportFor(1).deliver([LEAD]))[0],
    batch: async () => (await transportFor(3).deliver([before, LEAD, after]))[1],
    associate: () => transportFor(1).associate(OWED),
    submit: async () => (await transportFor(1).deliver([FORM_LEAD]))[0],
  }
  const names = Object.keys(verdicts) as (keyof Verdicts)[]
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await asked[name]()] as const)))
}

const startsWith = (reason: string) =>
  expect.stringMatching(new RegExp(`^${reason.replaceAll(/[()[\].]/g, String.raw`\$&`)}`)) as string

const withReason = (verdict: Expected, reason: string): Expected => ({ ...verdict, reason: startsWith(reason) })

const message = 'canary value'
const renewing = { identity: (n: number) => token(`canary-token-${n}`, 3_599) }

/** Code, beginning of the reason, verdict on a lead that went alone, and on each lead of several. */
const CALL_CODES: [code: string, reason: string, alone: Expected, several: Expected, submit?: [string, Expected]][] = [
  ['500', '500 Internal server error', INTERNAL, INTERNAL],
  ['502', '502 Bad gateway', IN_DOUBT, IN_DOUBT],
  ['600', '600 Access token not specified (something on the way removes the access token)', RENEWED, RENEWED],
  ['601', '601 Access token invalid', RENEWED, RENEWED],
  ['602', '602 Access token expired', RENEWED, RENEWED],
  ['603', '603 Access denied (check the role of the API user and the allow-list)', BLOCKED, BLOCKED],
  ['604', '604 Request timed out', TIMED_OUT, SPLIT_LATER],
  ['605', '605 HTTP method not supported', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['606', '606 Max rate limit exceeded', RATE, RATE],
  ['607', '607 Daily quota reached (the daily quota is spent)', DAY, DAY],
  ['608', '608 API temporarily unavailable', EVERYONE, EVERYONE],
  [
    '609',
    '609 Invalid JSON',
    NOT_UNDERSTOOD,
    NOT_UNDERSTOOD,
    ['Marketo has no approved form 1029: approve it, or change "marketoForm" of the form contact, then replay', PARK],
  ],
  ['610', '610 Requested resource not found (check the endpoint)', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['611', '611 System error', INTERNAL, INTERNAL],
  ['612', '612 Invalid content type', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['613', '613 Invalid multipart request', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['614', '614 Invalid subscription (the subscription cannot be reached)', EVERYONE, EVERYONE],
  ['615', '615 Concurrent access limit reached', CONCURRENCY, CONCURRENCY],
  ['616', '616 Invalid subscription type', NOT_UNDERSTOOD, NOT_UNDERSTOOD],
  ['713', '713 Transient error', INTERNAL, INTERNAL],
  ['719', '719 Lock wait timeout', INTERNAL, INTERNAL],
  ['1003', '1003 Invalid data', PARK, SPLIT],
  ['1004', '1004 Lead not found', PARK, SPLIT],
  ['1012', '1012 Invalid cookie value', PARK, SPLIT],
  ['1013', '1013 Object not found', PARK, SPLIT],
  ['1029', '1029 Too many jobs in queue', BUSY, SPLIT],
  ['799', '799 unknown error', DOUBTFUL, SPLIT],
  ['1999', '1999 unknown error', DOUBTFUL, SPLIT],
]

/** Code, beginning of the reason, and verdict on the record that has it, when the message names no field. */
const RECORD_CODES: [code: string, reason: string, verdict: Expected][] = [
  ['1001', '1001 Invalid value', PARK],
  ['1002', '1002 Missing value', PARK],
  ['1003', '1003 Invalid data', PARK],
  ['1004', '1004 Lead not found', PARK],
  ['1005', '1005 Lead already exists', PARK],
  ['1006', '1006 Field not found', PARK],
  ['1007', `1007 Multiple leads match the lookup (${MERGE})`, PARK],
  [
    '1008',
    '1008 No access to partition: the form contact has no "partition" (check the partition of the form and the workspaces',
    PARK,
  ],
  [
    '1009',
    '1009 Partition must be specified: the form contact has no "partition" (check the partition of the form and the',
    PARK,
  ],
  [
    '1010',
    '1010 Lead is in another partition: the form contact has no "partition" (check the partition of the form and the',
    PARK,
  ],
  ['1011', '1011 Lookup field not supported', PARK],
  ['1013', '1013 Object not found', PARK],
  ['1016', '1016 Too many imports', BUSY],
  ['1017', '1017 Object already exists', PARK],
  ['1018', '1018 CRM enabled', PARK],
  ['1019', '1019 Import in progress', BUSY],
  ['1020', '1020 Too many clones', BUSY],
  ['1021', '1021 Company update not allowed', PARK],
  ['1022', '1022 Object in use', BUSY],
  ['1029', '1029 Too many jobs in queue', BUSY],
  ['1036', '1036 Duplicate object in input', PARK],
  ['1077', '1077 Value exceeds the maximum length', PARK],
  ['1999', '1999 unknown error', DOUBTFUL],
]

/** Codes that may name a field, and the beginning of the reason. */
const FIELD_CODES: [code: string, reason: string][] = [
  ['1001', '1001 Invalid value: Hat__c'],
  ['1002', '1002 Missing value: Hat__c'],
  ['1003', '1003 Invalid data: Hat__c'],
  ['1006', '1006 Field not found: Hat__c'],
  ['1011', '1011 Lookup field not supported: Hat__c'],
  ['1021', '1021 Company update not allowed: Hat__c'],
  ['1077', '1077 Value exceeds the maximum length: Hat__c'],
]

const PAGE = '<!doctype html><html><body>canary value</body></html>'
const page =
  (status: number, headers = {}) =>
  () =>
    new Response(PAGE, { status, headers })
const broken = (code: string) => () =>
  Promise.reject(new TypeError(message, { cause: Object.assign(new Error(message), { code }) }))

/** Answers that are not Marketo's, and none at all. */
const HTTP_ANSWERS: [name: string, options: FakeOptions, reason: string, alone: Expected, several?: Expected][] = [
  [
    'no connection',
    { answer: broken('ECONNREFUSED') },
    `cannot reach ${HOST} (ECONNREFUSED)`,
    { kind: 'failed', fault: 'account', arrived: 'no' },
  ],
  ['a broken connection', { answer: broken('ECONNRESET') }, `cannot reach ${HOST} (ECONNRESET)`, GATEWAY],
  [
    'no answer in time',
    { answer: () => new Promise(() => {}), options: { timeout: 1 } },
    `no reply from ${HOST} within 0.001 s`,
    TIMED_OUT,
    SPLIT_LATER,
  ],
  ['half an answer', { answer: () => new Response('{"success":tr') }, `HTTP 200 from ${HOST}: malformed JSON`, LOST],
  ['a page with 200', { answer: page(200) }, `HTTP 200 from ${HOST}: an HTML page`, LOST],
  [
    'a redirect',
    { answer: page(302, { Location: 'https://login.example/?canary value' }) },
    `HTTP 302 from ${HOST}: a redirect to login.example`,
    REFUSED,
  ],
  ['401', { answer: page(401) }, `HTTP 401 from ${HOST}: an HTML page; a gateway before the API refuses`, REFUSED],
  ['403', { answer: page(403) }, `HTTP 403 from ${HOST}: an HTML page; a gateway before the API refuses`, REFUSED],
  ['404', { answer: page(404) }, `HTTP 404 from ${HOST}: an HTML page; there is no REST API`, REFUSED],
  ['405', { answer: page(405) }, `HTTP 405 from ${HOST}: an HTML page; there is no REST API`, REFUSED],
  ['410', { answer: page(410) }, `HTTP 410 from ${HOST}: an HTML page; there is no REST API`, REFUSED],
  ['451', { answer: page(451) }, `HTTP 451 from ${HOST}: an HTML page; a gateway before the API refuses`, REFUSED],
  ['413', { answer: page(413) }, `HTTP 413 from ${HOST}: the request is too large`, PARK, SPLIT],
  ['414', { answer: page(414) }, `HTTP 414 from ${HOST}: the request is too large`, PARK, SPLIT],
  ['429', { answer: page(429) }, `HTTP 429 from ${HOST}: an HTML page`, RATE],
  [
    '429 with a time',
    { answer: page(429, { 'Retry-After': '9' }) },
    `HTTP 429 from ${HOST}: an HTML page`,
    { ...RATE, waitMs: 9_000 },
  ],
  ['500', { answer: page(500) }, `HTTP 500 from ${HOST}: an HTML page`, LOST],
  ['502', { answer: page(502) }, `HTTP 502 from ${HOST}: an HTML page`, GATEWAY],
  ['503', { answer: page(503) }, `HTTP 503 from ${HOST}: an HTML page`, GATEWAY],
  ['504', { answer: page(504) }, `HTTP 504 from ${HOST}: an HTML page`, GATEWAY],
  [
    'a client that identity refuses',
    { identity: () => json({ error: 'invalid_client', error_description: message }, { status: 401 }) },
    `${HOST} refuses the client (check MARKETO_CLIENT_ID and MARKETO_CLIENT_SECRET)`,
    BLOCKED,
  ],
  [
    'a page in place of a token',
    { identity: page(503) },
    `no access token: HTTP 503 from ${HOST}: an HTML page`,
    { kind: 'failed', fault: 'account', arrived: 'no' },
  ],
]

const recordAnswer = (entry: object) => (leads: number) => ({
  answer: () => success(leads === 1 ? [entry] : [{ id: 1, status: 'created' }, entry, { id: 3, status: 'updated' }]),
})

/** Successes that are none, or that nobody can read. */
const UNCLEAR: [name: string, entry: object, reason: string][] = [
  ['created without an id', { status: 'created' }, 'a result without a lead id'],
  ['an unknown status', { id: 7, status: 'canary value' }, 'a result of unknown status'],
  ['no status', { id: 7 }, 'a result of unknown status'],
]

export const ANSWER_TABLE: readonly AnswerRow[] = [
  ...CALL_CODES.map(([code, reason, alone, several, submit = [reason, alone]]): AnswerRow => ({
    name: `${code} of the call`,
    code,
    options: () => ({ ...renewing, answer: () => failure(code, message) }),
    verdicts: {
      sync: withReason(alone, reason),
      batch: withReason(several, reason),
      associate: withReason(alone, reason),
      submit: withReason(submit[1], submit[0]),
    },
  })),
  ...RECORD_CODES.map(([code, reason, verdict]): AnswerRow => {
    const expected = withReason(verdict, reason)
    const verdicts = { sync: expected, batch: expected, submit: expected }
    return { name: `${code} of a record`, code, options: recordAnswer(skipped(code, message)), verdicts }
  }),
  ...FIELD_CODES.flatMap(([code, reason]): AnswerRow[] => {
    const expected = withReason(REJECTED, reason)
    const verdicts = { sync: expected, batch: expected, submit: expected }
    const text = `Something about 'Hat__c'`
    const options = () => ({ answer: () => failure(code, text) })
    return [
      { name: `${code} of a record that names a field`, code, options: recordAnswer(skipped(code, text)), verdicts },
      { name: `${code} of the call that names a field`, code, options, verdicts },
    ]
  }),
  ...['created', 'updated'].map((status): AnswerRow => {
    const verdict = { kind: 'delivered', leadId: 7 } as const
    const verdicts = { sync: verdict, batch: verdict, submit: verdict }
    return { name: status, options: recordAnswer({ id: 7, status }), verdicts }
  }),
  ...UNCLEAR.map(([name, entry, reason]): AnswerRow => {
    const verdict = { ...DOUBTFUL, reason }
    // Submitted again, it would be there twice.
    const verdicts = { sync: verdict, batch: verdict, submit: { ...verdict, arrived: 'maybe' } }
    return { name, options: recordAnswer(entry), verdicts }
  }),
  {
    name: 'a success with a reason that names a field',
    options: recordAnswer({ ...skipped('1006', `Field 'Hat__c' not found`), id: 7, status: 'updated' }),
    verdicts: {
      sync: { ...REJECTED, reason: '1006 Field not found: Hat__c' },
      batch: { ...REJECTED, reason: '1006 Field not found: Hat__c' },
      submit: { ...DOUBTFUL, arrived: 'maybe', reason: '1006 Field not found: Hat__c' },
    },
  },
  {
    name: 'a success without a result',
    options: () => ({ answer: () => success() }),
    verdicts: {
      sync: { ...DOUBTFUL, reason: '0 results for 1 leads' },
      batch: { ...SPLIT, reason: '0 results for 3 leads' },
      submit: { ...DOUBTFUL, arrived: 'maybe', reason: '0 results for 1 leads' },
    },
  },
  {
    name: 'skipped without a reason',
    options: recordAnswer({ status: 'skipped' }),
    verdicts: {
      sync: { ...DOUBTFUL, reason: 'skipped without a reason' },
      batch: { ...DOUBTFUL, reason: 'skipped without a reason' },
      submit: withReason({ ...DOUBTFUL, maxAttempts: 20 }, 'it is not known why form 1029 skipped the lead'),
    },
  },
  ...HTTP_ANSWERS.map(([name, options, reason, alone, several = alone]): AnswerRow => ({
    name,
    options: () => options,
    verdicts: {
      sync: withReason(alone, reason),
      batch: withReason(several, reason),
      associate: withReason(alone, reason),
      submit: withReason(alone, reason),
    },
  })),
]
