/** Made-up evidence for each check. The file is long because each rule has cases that keep it and cases that break it. */
import { describe, expect, it } from 'vitest'
import type { CallLine, PersonView, RecordView } from '../../demo/simulator/view.ts'
import type { LimitPeriod } from './fault-log.ts'
import type { Submission } from './journal.ts'
import type { StoredJob } from './relays.ts'
import { partsWithoutCalls } from './verdicts/calls.ts'
import type { Evidence } from './verdicts/evidence.ts'
import { runChecks } from './verdicts/index.ts'
import { MAX_REFUSED_CALLS } from './verdicts/waits.ts'

/** Returns epoch ms of a second of the run. */
const at = (seconds: number) => Date.UTC(2026, 10, 23, 9, 30) + seconds * 1_000

const ANA = 'ana@acme.example'
const BO = 'bo@acme.example'
const LEAD = 700_001

type Attributes = Record<string, string>

/** A form of Ana's that was acknowledged at once. */
function sent(id: string, seconds: number, attributes: Attributes, over: Partial<Submission> = {}): Submission {
  return {
    id,
    person: ANA,
    content: { fields: {}, attributes },
    firstSentAt: at(seconds),
    tries: 1,
    answeredAt: [at(seconds + 0.1)],
    wrongIds: [],
    replayedAt: [],
    ...over,
  }
}

function delivered(id: string): StoredJob {
  return { id, sentAs: id, state: 'delivered', leadId: LEAD, reason: null, attempts: 1, attributes: undefined }
}

function parked(id: string, attributes: Attributes, over: Partial<StoredJob> = {}): StoredJob {
  return { id, sentAs: id, state: 'parked', leadId: null, reason: 'FAILED', attempts: 1, attributes, ...over }
}

function record(attributes: Attributes, email = ANA): RecordView {
  return { email, attributes, status: 'UPDATED', leadId: LEAD }
}

/** A call that was answered and written. */
function call(number: number, from: number, until: number, ...records: RecordView[]): CallLine {
  return {
    number,
    at: new Date(at(from)).toISOString(),
    api: 'soap',
    operation: 'syncLead',
    ok: true,
    code: null,
    leadId: LEAD,
    ms: (until - from) * 1_000,
    arrivedAt: at(from),
    endedAt: at(until),
    answered: true,
    applied: true,
    appliedAt: at(until) - 1,
    records,
  }
}

/** The call with a fault in place of its work. */
function failed(call: CallLine, code = '10001'): CallLine {
  const records = (call.records ?? []).map((record) => ({ ...record, status: null, leadId: null }))
  return { ...call, ok: false, code, applied: false, appliedAt: null, records }
}

function person(attributes: Attributes, id = LEAD, email = ANA): PersonView {
  const seen = new Date(at(0)).toISOString()
  return {
    id,
    known: true,
    email,
    attributes,
    foreignIds: [],
    cookies: [],
    workspace: 'Default',
    partition: 'Default',
    activities: [],
    createdAt: seen,
    updatedAt: seen,
  }
}

const PERIOD: LimitPeriod = { part: 'tight', from: at(0), until: at(60), callsPer20s: 3, concurrency: 2, tight: true }

/** Two forms of Ana's, one after the other, both delivered in order. */
const WELL: Evidence = {
  submissions: [sent('a', 1, { FirstName: 'Ana', Title: 'Pilot' }), sent('b', 3, { FirstName: 'Anna' })],
  jobs: [delivered('a'), delivered('b')],
  calls: [
    call(1, 2, 2.5, record({ FirstName: 'Ana', Title: 'Pilot' })),
    call(2, 4, 4.5, record({ FirstName: 'Anna' })),
  ],
  people: [person({ FirstName: 'Anna', Title: 'Pilot' })],
  periods: [PERIOD],
}
const [A, B] = WELL.submissions as [Submission, Submission]
const [CALL_1, CALL_2] = WELL.calls as [CallLine, CallLine]

/** Returns the violations, as `rule: of what`. */
function violationsIn(over: Partial<Evidence>): string[] {
  return runChecks({ ...WELL, ...over }).flatMap(({ rule, violations }) =>
    violations.map(({ of, what }) => `${rule}: ${of} ${what}`),
  )
}

/** The older form was parked, and an operator had it sent again when the newer one had been delivered. */
const REPLAYED: Partial<Evidence> = {
  submissions: [{ ...A, replayedAt: [at(5)] }, B],
  calls: [
    failed(call(1, 2, 2.5, record({ FirstName: 'Ana', Title: 'Pilot' }))),
    CALL_2,
    call(3, 6, 6.5, record({ Title: 'Pilot' })),
  ],
}

/** The second form was followed by another content under its id, which was stored under an id of its own. */
const SECOND: Partial<Evidence> = {
  submissions: [A, B, sent('b', 4, { FirstName: 'Annie' })],
  jobs: [...WELL.jobs, { ...delivered('c'), sentAs: 'b' }],
  calls: [...WELL.calls, call(3, 5, 6, record({ FirstName: 'Annie' }))],
  people: [person({ FirstName: 'Annie', Title: 'Pilot' })],
}

const COOKIE = 'id:123-ABC-456&token:_mch-chaos.example-1764000000000-54321'
const TYPO = 'ana@acme.exmaple'
const OTHER_LEAD = 700_002

/** Ana's address was mistyped, and then corrected with the same cookie. Marketo took the mistyped lead last, without it. */
const CORRECTED: Partial<Evidence> = {
  submissions: [
    sent('a', 1, { FirstName: 'Ana' }, { person: TYPO, cookie: COOKIE }),
    sent('b', 3, { FirstName: 'Anna' }, { cookie: COOKIE }),
  ],
  jobs: [{ ...delivered('a'), leadId: OTHER_LEAD }, delivered('b')],
  calls: [
    failed(call(1, 2, 2.5, record({ FirstName: 'Ana' }, TYPO)), 'failed'),
    call(2, 4, 4.5, record({ FirstName: 'Anna' })),
    call(3, 6, 6.5, record({ FirstName: 'Ana' }, TYPO)),
  ],
  people: [owning(person({ FirstName: 'Anna' })), person({ FirstName: 'Ana' }, OTHER_LEAD, TYPO)],
}

/** Returns the person with the visitor's cookie. */
function owning(of: PersonView): PersonView {
  return { ...of, cookies: [COOKIE] }
}

const BAD = { Company: 'Bo ../../etc/403' }

/**
 * Bo's lead was refused for a while by a gateway, in calls that began at 5 s and later, and then parked. Ana's second lead
 * was acknowledged at 3.1 s, and its call began later than all of them.
 */
function refusing(times: number): Partial<Evidence> {
  const refused = Array.from({ length: times }, (_, at) =>
    failed(call(at + 2, 5 + at / 4, 5.1 + at / 4, record(BAD, BO)), 'html403'),
  )
  return {
    submissions: [A, B, sent('c', 0.5, BAD, { person: BO })],
    jobs: [...WELL.jobs, parked('c', BAD)],
    calls: [CALL_1, ...refused, call(100, 12, 12.5, record({ FirstName: 'Anna' }))],
    periods: [{ ...PERIOD, callsPer20s: 100 }],
  }
}

describe('the checks hold', () => {
  it.each<[string, Partial<Evidence>]>([
    ['when each form was delivered in its order', {}],
    [
      'when a form is parked whole with a reason, and so the older one stays',
      {
        jobs: [delivered('a'), parked('b', { FirstName: 'Anna' })],
        calls: [CALL_1],
        people: [person({ FirstName: 'Ana', Title: 'Pilot' })],
      },
    ],
    [
      'when an older form that has failed twice lets the newer one go first, and is sent without what that has brought',
      {
        calls: [
          failed(CALL_1),
          failed(call(2, 2.6, 2.8, record({ FirstName: 'Ana', Title: 'Pilot' }))),
          call(3, 4, 4.5, record({ FirstName: 'Anna' })),
          call(4, 5, 5.5, record({ Title: 'Pilot' })),
        ],
        periods: [{ ...PERIOD, callsPer20s: 10 }],
      },
    ],
    [
      'when an older form that has failed twice is sent last without any attribute, because a newer one has brought all',
      {
        submissions: [A, sent('b', 3, { FirstName: 'Anna', Title: 'Captain' })],
        calls: [
          failed(CALL_1),
          failed(call(2, 2.6, 2.8, record({ FirstName: 'Ana', Title: 'Pilot' }))),
          call(3, 4, 4.5, record({ FirstName: 'Anna', Title: 'Captain' })),
          call(4, 5, 5.5, record({})),
        ],
        people: [person({ FirstName: 'Anna', Title: 'Captain' })],
        periods: [{ ...PERIOD, callsPer20s: 10 }],
      },
    ],
    [
      'when the cookie of a delivered lead is associated while a later lead of its person is under way',
      { calls: [CALL_1, CALL_2, call(3, 4.1, 4.4, record({}))] },
    ],
    [
      'when requests for tokens come beside as many calls as are allowed',
      {
        calls: [
          ...WELL.calls,
          ...[5, 6, 7].map((from, at) => ({ ...call(3 + at, from, from + 0.1), operation: 'identity' })),
        ],
      },
    ],
    [
      'when an attribute that Marketo rejected is parked, and the rest is delivered',
      {
        submissions: [sent('a', 1, { FirstName: 'Ana', Shoes: '40' })],
        jobs: [parked('a', { Shoes: '40' }, { leadId: LEAD })],
        calls: [
          failed(call(1, 2, 2.5, record({ FirstName: 'Ana', Shoes: '40' }))),
          call(2, 3, 4, record({ FirstName: 'Ana' })),
        ],
        people: [person({ FirstName: 'Ana' })],
      },
    ],
    [
      'when either of two forms that crossed each other is the last',
      {
        submissions: [{ ...A, answeredAt: [at(9)] }, B],
        calls: [{ ...CALL_2, number: 1 }, call(2, 6, 7, record({ FirstName: 'Ana', Title: 'Pilot' }))],
        people: [person({ FirstName: 'Ana', Title: 'Pilot' })],
      },
    ],
    ['when both contents that were sent under one id were delivered', SECOND],
    [
      'when two people sent one id, and each has a receipt of its own, in any order',
      {
        submissions: [A, sent('a', 5, { LastName: 'Olsen' }, { person: BO })],
        jobs: [{ ...delivered('d'), sentAs: 'a', leadId: OTHER_LEAD }, delivered('a')],
        calls: [CALL_1, call(2, 6, 6.5, record({ LastName: 'Olsen' }, BO))],
        people: [person({ FirstName: 'Ana', Title: 'Pilot' }), person({ LastName: 'Olsen' }, OTHER_LEAD, BO)],
      },
    ],
    ['when the cookie stays with the corrected address, although the mistyped one was taken later', CORRECTED],
    [
      'when the corrected address is parked, and so the cookie is with the mistyped one',
      {
        ...CORRECTED,
        jobs: [{ ...delivered('a'), leadId: OTHER_LEAD }, parked('b', { FirstName: 'Anna' })],
        calls: [call(1, 6, 6.5, record({ FirstName: 'Ana' }, TYPO))],
        people: [owning(person({ FirstName: 'Ana' }, OTHER_LEAD, TYPO))],
      },
    ],
    [
      'when the cookie is with either of two addresses that crossed each other',
      {
        ...CORRECTED,
        submissions: [{ ...CORRECTED.submissions![0]!, answeredAt: [at(9)] }, CORRECTED.submissions![1]!],
        people: [person({ FirstName: 'Anna' }), owning(person({ FirstName: 'Ana' }, OTHER_LEAD, TYPO))],
      },
    ],
    ['when a good lead goes after as many refused calls of a bad one as are allowed', refusing(MAX_REFUSED_CALLS)],
    [
      'when a lead waits for as long as a bad one of its own visitor',
      {
        ...refusing(MAX_REFUSED_CALLS + 1),
        submissions: [A, { ...B, cookie: COOKIE }, sent('c', 0.5, BAD, { person: BO, cookie: COOKIE })],
        people: WELL.people.map(owning),
      },
    ],
    [
      'when a lead is parked after calls that failed, while another call was carried out',
      {
        ...refusing(3),
        calls: [CALL_1, ...refusing(3).calls!.slice(1, -1), call(100, 5.3, 5.4, record({ FirstName: 'Anna' }))],
      },
    ],
    [
      'when the second content that was sent under one id is parked',
      {
        ...SECOND,
        jobs: [...WELL.jobs, parked('c', { FirstName: 'Annie' }, { sentAs: 'b' })],
        calls: WELL.calls,
        people: WELL.people,
      },
    ],
    [
      'when one of two contents that were sent under one id was neither acknowledged nor stored',
      {
        ...SECOND,
        submissions: [A, { ...B, answeredAt: [] }, SECOND.submissions![2]!],
        jobs: WELL.jobs,
        calls: [CALL_1, call(2, 5, 6, record({ FirstName: 'Annie' }))],
      },
    ],
    ['when a form that was never acknowledged has arrived', { submissions: [A, { ...B, answeredAt: [] }] }],
    [
      'when a form that was never acknowledged was not stored',
      { submissions: [A, B, sent('c', 5, { FirstName: 'Annie' }, { answeredAt: [] })] },
    ],
    [
      'when a lead was sent again, and nothing newer was sent meanwhile',
      {
        calls: [
          failed(call(1, 1.5, 1.8, record({ FirstName: 'Ana', Title: 'Pilot' }))),
          { ...CALL_1, number: 2, answered: false },
          call(3, 3, 3.5, record({ FirstName: 'Ana', Title: 'Pilot' })),
          { ...CALL_2, number: 4 },
        ],
        periods: [{ ...PERIOD, callsPer20s: 10 }],
      },
    ],
    ['when an operator had an older lead sent again, without the values that a newer one has brought', REPLAYED],
    [
      'when an attribute that was parked arrives in a record of its own, after an operator had it sent again',
      {
        submissions: [{ ...A, replayedAt: [at(5)] }, B],
        calls: [call(1, 2, 2.5, record({ FirstName: 'Ana' })), CALL_2, call(3, 6, 6.5, record({ Title: 'Pilot' }))],
      },
    ],
    [
      'when one call holds leads of two people',
      {
        submissions: [A, B, sent('c', 3, { LastName: 'Olsen' }, { person: BO })],
        jobs: [delivered('a'), delivered('b'), { ...delivered('c'), leadId: 700_002 }],
        calls: [CALL_1, call(2, 4, 4.5, record({ FirstName: 'Anna' }), record({ LastName: 'Olsen' }, BO))],
        people: [...WELL.people, person({ LastName: 'Olsen' }, 700_002, BO)],
      },
    ],
    [
      'when Marketo refused a call while it was at work on one that had timed out at the relay',
      {
        calls: [
          ...WELL.calls,
          failed(call(3, 6, 6.1, record({ LeadSource: 'Web' }))),
          failed(call(4, 6.5, 6.6, record({ LeadSource: 'Web' }, BO)), '20024'),
        ],
        periods: [{ ...PERIOD, concurrency: 1, callsPer20s: 10 }],
      },
    ],
    [
      'when a form clears an attribute',
      {
        submissions: [A, B, sent('c', 5, { Title: '' })],
        jobs: [...WELL.jobs, delivered('c')],
        calls: [...WELL.calls, call(3, 6, 7, record({ Title: '' }))],
        people: [person({ FirstName: 'Anna' })],
      },
    ],
  ])('%s', (_, over) => {
    expect(violationsIn(over)).toEqual([])
  })
})

const KEPT = 'Every acknowledged form was delivered as it was sent, or is parked with a reason'
const LAST = 'Marketo holds the last answer of each person'
const ORDER = 'No older value was written over a newer one'
const SEQUENCE = 'No lead was sent after a newer one of its person'
const BATCHES = 'No call held two leads of one person'
const MERGES = 'No lead was merged with another'
const OVERLAPS = 'No two calls of one person were under way at once'

const CONTENTS = 'Every acknowledged content was written at Marketo, or is kept'
const VISITORS = 'The cookie of each visitor is with the person of the newest answer'
const PARKED = 'No lead was parked for a failure that every call met'
const WAITS = `No good lead waits while a bad one is refused more than ${MAX_REFUSED_CALLS} times`

describe('the checks find', () => {
  it.each<[string, Partial<Evidence>, string]>([
    [
      'an acknowledged form that is not in the outbox',
      { jobs: [delivered('a')] },
      `${KEPT}: b was acknowledged, and is not in the outbox`,
    ],
    [
      'an acknowledged form that still waits',
      { jobs: [delivered('a'), { ...delivered('b'), state: 'ready', leadId: null }] },
      `${KEPT}: b still waits (ready, 1 attempts, none failed)`,
    ],
    [
      'a lead that is parked without a reason',
      { jobs: [delivered('a'), parked('b', { FirstName: 'Anna' }, { reason: null })] },
      `${KEPT}: b is parked without a reason`,
    ],
    [
      'a parked lead of which a part is missing',
      { jobs: [delivered('a'), parked('b', {})] },
      `${KEPT}: b is parked, and a part of it is missing`,
    ],
    [
      'a receipt that names a lead which does not exist',
      { jobs: [delivered('a'), { ...delivered('b'), leadId: 1 }] },
      `${KEPT}: b has a receipt for lead 1, which does not exist`,
    ],
    [
      'a receipt that names another person',
      {
        jobs: [delivered('a'), { ...delivered('b'), leadId: 700_002 }],
        people: [...WELL.people, person({}, 700_002, BO)],
      },
      `${KEPT}: b has a receipt for lead 700002, which is another person`,
    ],
    [
      'a receipt for a lead that never arrived',
      {
        submissions: [A, B, sent('c', 5, { FirstName: 'Annie' })],
        jobs: [...WELL.jobs, delivered('c')],
      },
      `${KEPT}: c has a receipt, and nothing was written since it was sent`,
    ],
    [
      'an attribute that was left out because a newer lead has another value',
      { calls: [call(1, 2, 2.5, record({ Title: 'Pilot' })), CALL_2] },
      `${KEPT}: a has a receipt, and its FirstName was not written as it was sent`,
    ],
    [
      'a lead that was written in two parts',
      {
        calls: [
          call(1, 2, 2.5, record({ FirstName: 'Ana' })),
          call(2, 3, 3.5, record({ Title: 'Pilot' })),
          { ...CALL_2, number: 3 },
        ],
      },
      `${KEPT}: a has a receipt, and was not written in one record`,
    ],
    [
      'an attribute of a lead that an operator had sent again, which no newer lead has brought, and which was left out',
      {
        ...REPLAYED,
        calls: [CALL_2, call(3, 6, 6.5, record({}))],
        people: [person({ FirstName: 'Anna' })],
      },
      `${KEPT}: a has a receipt, and its Title was not written as it was sent`,
    ],
    [
      'an older answer that Marketo holds at the end',
      { people: [person({ FirstName: 'Ana', Title: 'Pilot' })] },
      `${LAST}: b FirstName of ana@acme.example is “Ana”, which is not the last answer`,
    ],
    [
      'an older value over a newer one, for good',
      { calls: [...WELL.calls, call(3, 6, 6.5, record({ FirstName: 'Ana', Title: 'Pilot' }))] },
      `${ORDER}: a FirstName was written by call 3 over that of b by call 2`,
    ],
    [
      'an older value over a newer one, until the newer one was written once more',
      {
        calls: [
          ...WELL.calls,
          call(3, 6, 6.5, record({ FirstName: 'Ana', Title: 'Pilot' })),
          call(4, 7, 7.5, record({ FirstName: 'Anna' })),
        ],
      },
      `${ORDER}: a FirstName was written by call 3 over that of b by call 2`,
    ],
    [
      'an older value over a newer one, written by a call that had come before the newer one',
      { calls: [{ ...CALL_1, endedAt: at(3), appliedAt: at(5), answered: false }, CALL_2] },
      `${ORDER}: a FirstName was written by call 1 over that of b by call 2`,
    ],
    [
      'an older value over a newer one that an operator had sent again',
      { ...REPLAYED, calls: [CALL_2, call(3, 6, 6.5, record({ FirstName: 'Ana', Title: 'Pilot' }))] },
      `${ORDER}: a FirstName was written by call 3 over that of b by call 2`,
    ],
    [
      'an older lead that was sent after a newer one, though they have no attribute in common',
      {
        submissions: [sent('a', 1, { Title: 'Pilot' }), B],
        calls: [{ ...CALL_2, number: 1 }, call(2, 6, 6.5, record({ Title: 'Pilot' }))],
      },
      `${SEQUENCE}: a was sent by call 2 after the newer b by call 1`,
    ],
    [
      'a newer lead that was sent while an older one still had to be retried',
      {
        calls: [
          failed(CALL_1),
          failed(call(2, 3.2, 3.4, record({ FirstName: 'Anna' }))),
          call(3, 4, 4.5, record({ FirstName: 'Ana', Title: 'Pilot' })),
          call(4, 5, 5.5, record({ FirstName: 'Anna' })),
        ],
        periods: [{ ...PERIOD, callsPer20s: 10 }],
      },
      `${SEQUENCE}: a was sent by call 3 after the newer b by call 2`,
    ],
    [
      'an older lead that was sent after a newer one before an operator had it sent again',
      { ...REPLAYED, submissions: [{ ...A, replayedAt: [at(7)] }, B] },
      `${SEQUENCE}: a was sent by call 3 after the newer b by call 2`,
    ],
    [
      'two leads of one person in one call',
      { calls: [call(1, 4, 4.5, record({ FirstName: 'Ana', Title: 'Pilot' }), record({ FirstName: 'Anna' }))] },
      `${BATCHES}: ana@acme.example call 1 held 2 leads of it`,
    ],
    [
      'two leads of one person in one call that failed',
      { calls: [...WELL.calls, failed(call(3, 6, 7, record({ FirstName: 'Ana' }), record({ FirstName: 'Anna' })))] },
      `${BATCHES}: ana@acme.example call 3 held 2 leads of it`,
    ],
    [
      'two leads that were merged, the later one winning',
      { calls: [call(1, 4, 4.5, record({ FirstName: 'Anna', Title: 'Pilot' }))] },
      `${MERGES}: b call 1 sent it in one record with a`,
    ],
    [
      'a value that was lost because two leads were merged',
      { calls: [call(1, 4, 4.5, record({ FirstName: 'Anna', Title: 'Pilot' }))] },
      `${KEPT}: a has a receipt, and its FirstName was not written as it was sent`,
    ],
    [
      'two leads that were merged and have no attribute in common',
      {
        submissions: [sent('a', 1, { Title: 'Pilot' }), B],
        calls: [call(1, 4, 4.5, record({ FirstName: 'Anna', Title: 'Pilot' }))],
      },
      `${KEPT}: a has a receipt, and its Title was not written as it was sent`,
    ],
    [
      'two calls of one person at once',
      { calls: [CALL_1, { ...CALL_2, arrivedAt: at(2.4) }] },
      `${OVERLAPS}: ana@acme.example call 2 began while call 1 was under way`,
    ],
    [
      'a call that began while one that had timed out was still at work',
      { calls: [{ ...CALL_1, endedAt: at(2.1), appliedAt: at(4.2), answered: false }, CALL_2] },
      `${OVERLAPS}: ana@acme.example call 2 began while call 1 was under way`,
    ],
    [
      'two people with one address',
      { people: [...WELL.people, person({}, 700_002, 'ANA@acme.example')] },
      'No two people have one e-mail address: ana@acme.example is 2 people: 700001, 700002',
    ],
    [
      'a value that no visitor sent',
      { calls: [...WELL.calls, failed(call(3, 6, 7, record({ Title: 'Captain' })))] },
      'No call brought a value that no visitor sent: ana@acme.example call 3 brought a Title that no visitor sent',
    ],
    [
      'a value that was sent for another person',
      { calls: [...WELL.calls, failed(call(3, 6, 7, record({ FirstName: 'Anna' }, BO)))] },
      'No call brought a value that no visitor sent: bo@acme.example call 3 brought a FirstName that no visitor sent',
    ],
    [
      'a lead in the outbox that no visitor sent',
      { jobs: [...WELL.jobs, delivered('x')] },
      'One id with one content is one lead: x is in the outbox, and no visitor sent it',
    ],
    [
      'a lead that is in the outbox twice',
      { jobs: [...WELL.jobs, delivered('b')] },
      'One id with one content is one lead: b is in the outbox 2 times, for 1 contents',
    ],
    [
      'an id that was answered with another one',
      { submissions: [A, { ...B, wrongIds: ['z'] }] },
      'One id with one content is one lead: b was answered with another id: z',
    ],
    [
      'an id whose second content was acknowledged and dropped',
      { submissions: [A, B, sent('b', 3, { FirstName: 'Annie' })] },
      `${KEPT}: b was acknowledged, and is not in the outbox`,
    ],
    [
      'an acknowledged content that was never written, although there are as many receipts for its id as contents',
      { ...SECOND, calls: WELL.calls, people: WELL.people },
      `${CONTENTS}: b was acknowledged, and its FirstName was never written at Marketo and is not kept`,
    ],
    [
      'an acknowledged content that was sent in a call which Marketo did not carry out',
      { calls: [CALL_1, failed(CALL_2)] },
      `${CONTENTS}: b was acknowledged, and its FirstName was never written at Marketo and is not kept`,
    ],
    [
      'an acknowledged content of which a part was never written',
      { calls: [call(1, 2, 2.5, record({ FirstName: 'Ana' })), CALL_2] },
      `${CONTENTS}: a was acknowledged, and its Title was never written at Marketo and is not kept`,
    ],
    [
      'a cookie that went to the mistyped address when its lead was taken last',
      {
        ...CORRECTED,
        people: [person({ FirstName: 'Anna' }), owning(person({ FirstName: 'Ana' }, OTHER_LEAD, TYPO))],
      },
      `${VISITORS}: b its cookie is with ana@acme.exmaple, and the newest answer of the visitor is of ana@acme.example`,
    ],
    [
      'a cookie that was given to nobody, although its lead was delivered',
      { ...CORRECTED, people: CORRECTED.people!.map((of) => ({ ...of, cookies: [] })) },
      `${VISITORS}: b its cookie is with nobody, and the newest answer of the visitor is of ana@acme.example`,
    ],
    [
      'a good lead that waits for one refused call of a bad lead more than is allowed',
      refusing(MAX_REFUSED_CALLS + 1),
      `${WAITS}: b waited while 21 calls with the bad lead c were refused`,
    ],
    [
      'a good lead that still waits when the run is over, after as many refused calls of a bad one',
      {
        ...refusing(MAX_REFUSED_CALLS + 1),
        jobs: [delivered('a'), { ...delivered('b'), state: 'ready', leadId: null }, parked('c', BAD)],
        calls: refusing(MAX_REFUSED_CALLS + 1).calls!.slice(0, -1),
      },
      `${WAITS}: b waited while 21 calls with the bad lead c were refused`,
    ],
    [
      'a lead that was parked for a failure that every call met',
      { ...refusing(3), calls: [CALL_1, ...refusing(3).calls!.slice(1, -1)] },
      `${PARKED}: c was parked after 3 calls, and no other call got through meanwhile`,
    ],
    [
      'an id whose second content replaced the first one, which was acknowledged',
      {
        ...SECOND,
        calls: [CALL_1, call(2, 5, 6, record({ FirstName: 'Annie' })), call(3, 6.5, 7, record({ FirstName: 'Annie' }))],
      },
      `${KEPT}: b has a receipt, and its FirstName was not written as it was sent`,
    ],
    [
      'more calls in 20 seconds than allowed',
      { periods: [{ ...PERIOD, callsPer20s: 1 }] },
      'Calls in 20 seconds stayed within the limit: tight 2 calls in 19 s, of 1 in 20 s',
    ],
    [
      'more calls at once than allowed',
      { periods: [{ ...PERIOD, concurrency: 0 }] },
      'Calls at once stayed within the limit: tight 1 calls at once, of 0',
    ],
    [
      'more calls in a day than were left of it',
      { periods: [{ ...PERIOD, callsLeft: 1 }] },
      'Calls in a day stayed within the limit: tight 2 calls, of 1',
    ],
    [
      'a call that Marketo refused because of a limit',
      { calls: [...WELL.calls, failed(call(3, 6, 7, record({ FirstName: 'Anna' })), '20023')] },
      'Marketo refused no call because of a limit: call 3 was refused: 20023',
    ],
    [
      'a call that Marketo refused because of others that were open',
      {
        calls: [...WELL.calls, failed(call(3, 4.2, 4.3, record({ LeadSource: 'Web' }, BO)), '20024')],
        periods: [{ ...PERIOD, concurrency: 1 }],
      },
      'Marketo refused no call because of a limit: call 3 was refused: 20024',
    ],
  ])('%s', (_, over, violation) => {
    expect(violationsIn(over)).toContain(violation)
  })
})

describe('a part of a run', () => {
  it('is named where no call came in any of its periods, except for the time after the last fault', () => {
    const periods = [
      PERIOD,
      { ...PERIOD, part: 'bad leads', from: at(60), until: at(70) },
      { ...PERIOD, part: 'tight', from: at(70), until: at(80) },
      { ...PERIOD, part: 'bad leads', from: at(80), until: at(90) },
      { ...PERIOD, part: 'no faults', from: at(90), until: Infinity },
    ]

    expect(partsWithoutCalls({ ...WELL, periods })).toEqual(['bad leads'])
  })
})
