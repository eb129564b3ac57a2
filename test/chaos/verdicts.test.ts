import { describe, expect, it } from 'vitest'
import type { CallLine, PersonView, RecordView } from '../../demo/simulator/view.ts'
import type { Submission } from './journal.ts'
import type { Job } from './relays.ts'
import type { Reign } from './fault-plan.ts'
import type { Evidence } from './verdicts/evidence.ts'
import { judge } from './verdicts/index.ts'

/** Seconds of a run that went well but for what a test changes; epoch milliseconds. */
const at = (seconds: number) => Date.UTC(2026, 10, 23, 9, 30) + seconds * 1_000

const ANA = 'ana@acme.example'
const LEAD = 700_001

function sent(
  id: string,
  seconds: number,
  attributes: Record<string, string>,
  over: Partial<Submission> = {},
): Submission {
  return {
    id,
    person: ANA,
    contents: [{ fields: {}, attributes }],
    firstSentAt: at(seconds),
    tries: 1,
    answeredAt: [at(seconds + 0.1)],
    strangeIds: [],
    ...over,
  }
}

function delivered(id: string): Job {
  return { id, state: 'delivered', leadId: LEAD, reason: null, attempts: 1, attributes: undefined }
}

function called(
  number: number,
  from: number,
  until: number,
  attributes: Record<string, string>,
  email = ANA,
): CallLine {
  const record: RecordView = { email, attributes, status: 'UPDATED', leadId: LEAD }
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
    records: [record],
  }
}

/** It was sent, and came to Marketo without being written. */
function inVain(call: CallLine): CallLine {
  const records = (call.records ?? []).map((record) => ({ ...record, status: null, leadId: null }))
  return { ...call, ok: false, code: '10001', applied: false, appliedAt: null, records }
}

function person(attributes: Record<string, string>, id = LEAD, email = ANA): PersonView {
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

const REIGN: Reign = { part: 'tight', from: at(0), until: at(60), callsPer20s: 3, concurrency: 2, tight: true }

/** Two answers of Ana's, one after the other, both delivered. */
const WELL: Evidence = {
  submissions: [sent('a', 1, { FirstName: 'Ana', Title: 'Pilot' }), sent('b', 3, { FirstName: 'Anna' })],
  jobs: [delivered('a'), delivered('b')],
  calls: [called(1, 2, 2.5, { FirstName: 'Ana', Title: 'Pilot' }), called(2, 4, 4.5, { FirstName: 'Anna' })],
  people: [person({ FirstName: 'Anna', Title: 'Pilot' })],
  reigns: [REIGN],
}

/** What broke, as `question: what`. */
function breaks(over: Partial<Evidence>): string[] {
  return judge({ ...WELL, ...over }).flatMap(({ question, broken }) =>
    broken.map(({ of, what }) => `${question}: ${of} ${what}`),
  )
}

const merged = [called(1, 4, 4.5, { FirstName: 'Anna', Title: 'Pilot' })]

describe('a run is found to be well', () => {
  it.each<[string, Partial<Evidence>]>([
    ['when every answer came in its turn', {}],
    ['when two answers came merged into one, the later winning', { calls: merged }],
    [
      'when an answer is parked whole with a reason, and so the older one stands',
      {
        jobs: [
          delivered('a'),
          { ...delivered('b'), state: 'parked', leadId: null, reason: 'FAILED', attributes: { FirstName: 'Anna' } },
        ],
        calls: WELL.calls.slice(0, 1),
        people: [person({ FirstName: 'Ana', Title: 'Pilot' })],
      },
    ],
    [
      'when what Marketo refused of an answer is parked',
      {
        submissions: [sent('a', 1, { FirstName: 'Ana', Shoes: '40' })],
        jobs: [{ ...delivered('a'), state: 'parked', reason: '20105', attributes: { Shoes: '40' } }],
        calls: [called(1, 2, 3, { FirstName: 'Ana' })],
        people: [person({ FirstName: 'Ana' })],
      },
    ],
    [
      'when either of two answers that crossed each other is the last',
      {
        submissions: [
          sent('a', 1, { FirstName: 'Ana', Title: 'Pilot' }, { answeredAt: [at(9)] }),
          sent('b', 3, { FirstName: 'Anna' }),
        ],
        calls: [WELL.calls[1]!, { ...WELL.calls[0]!, number: 3, arrivedAt: at(6), endedAt: at(7), appliedAt: at(7) }],
        people: [person({ FirstName: 'Ana', Title: 'Pilot' })],
      },
    ],
    [
      'when an answer that nobody was told of has arrived',
      { submissions: [WELL.submissions[0]!, sent('b', 3, { FirstName: 'Anna' }, { answeredAt: [] })] },
    ],
    [
      'when an id that nobody was told of was never kept',
      { submissions: [...WELL.submissions, sent('c', 5, { FirstName: 'Annie' }, { answeredAt: [] })] },
    ],
    [
      'when an older answer stood for a moment, before the newer one came once more',
      {
        calls: [
          ...merged,
          called(2, 5, 5.5, { FirstName: 'Ana', Title: 'Pilot' }),
          called(3, 6, 6.5, { FirstName: 'Anna' }),
        ],
      },
    ],
    [
      'when Marketo refused a call while it was at work on one on which the relay had given up',
      {
        calls: [
          ...WELL.calls,
          { ...inVain(called(3, 6, 6.1, { LeadSource: 'Web' })), endedAt: at(6.1) },
          { ...inVain(called(4, 6.5, 6.6, { LeadSource: 'Web' }, 'bo@acme.example')), code: '20024' },
        ],
        reigns: [{ ...REIGN, concurrency: 1, callsPer20s: 10 }],
      },
    ],
    [
      'when an answer clears what stood',
      {
        submissions: [...WELL.submissions, sent('c', 5, { Title: '' })],
        jobs: [...WELL.jobs, delivered('c')],
        calls: [...WELL.calls, called(3, 6, 7, { Title: '' })],
        people: [person({ FirstName: 'Anna' })],
      },
    ],
  ])('%s', (_, over) => {
    const broken = breaks(over)

    expect(broken).toEqual([])
  })
})

const KEPT = 'Every acknowledged id arrived, or is parked with a reason'
const LAST = 'The last answer of each person is what Marketo holds'

describe('a run is found to be broken', () => {
  it.each<[string, Partial<Evidence>, string]>([
    [
      'an acknowledged id is not in the outbox',
      { jobs: [WELL.jobs[0]!] },
      `${KEPT}: b was acknowledged, and is not in the outbox`,
    ],
    [
      'an acknowledged id still waits',
      { jobs: [WELL.jobs[0]!, { ...delivered('b'), state: 'ready', leadId: null }] },
      `${KEPT}: b still waits (ready, 1 attempts, none failed)`,
    ],
    [
      'a lead is parked without a reason',
      {
        jobs: [WELL.jobs[0]!, { ...delivered('b'), state: 'parked', leadId: null, attributes: { FirstName: 'Anna' } }],
      },
      `${KEPT}: b is parked without a reason`,
    ],
    [
      'a parked lead has lost a part',
      { jobs: [WELL.jobs[0]!, { ...delivered('b'), state: 'parked', leadId: null, reason: 'FAILED', attributes: {} }] },
      `${KEPT}: b is parked, and not whole`,
    ],
    [
      'a receipt names a lead that is not there',
      { jobs: [WELL.jobs[0]!, { ...delivered('b'), leadId: 1 }] },
      `${KEPT}: b has a receipt for lead 1, who is nobody`,
    ],
    [
      'a receipt stands for what never arrived',
      {
        submissions: [...WELL.submissions, sent('c', 5, { FirstName: 'Annie' })],
        jobs: [...WELL.jobs, delivered('c')],
      },
      `${KEPT}: c has a receipt, and nothing was written since it was sent`,
    ],
    [
      'one attribute of a merged answer never arrived',
      { calls: [called(1, 4, 4.5, { FirstName: 'Anna' })], people: [person({ FirstName: 'Anna' })] },
      `${KEPT}: a has a receipt, and its Title never arrived`,
    ],
    [
      'Marketo holds an older answer',
      { people: [person({ FirstName: 'Ana', Title: 'Pilot' })] },
      `${LAST}: b FirstName of ana@acme.example is “Ana”, which is not the last answer`,
    ],
    [
      'an older answer was written after a newer one for good',
      { calls: [...WELL.calls, called(3, 6, 6.5, { FirstName: 'Ana' })] },
      'No older answer was written once a newer one was delivered: a FirstName was written by call 3 after that of b',
    ],
    [
      'two calls of one person overlap',
      { calls: [WELL.calls[0]!, { ...WELL.calls[1]!, arrivedAt: at(2.4) }] },
      'No two calls of one person overlapped: ana@acme.example call 2 began while call 1 was at work',
    ],
    [
      'a call begins while the work of one is done for which nobody waits any more',
      { calls: [{ ...WELL.calls[0]!, endedAt: at(2.1), appliedAt: at(4.2), answered: false }, WELL.calls[1]!] },
      'No two calls of one person overlapped: ana@acme.example call 2 began while call 1 was at work',
    ],
    [
      'two people have one address',
      { people: [...WELL.people, person({}, 700_002, 'ANA@acme.example')] },
      'No two people have one e-mail address: ana@acme.example is 2 people: 700001, 700002',
    ],
    [
      'something arrived that nobody sent',
      { calls: [...WELL.calls, inVain(called(3, 6, 7, { Title: 'Captain' }))] },
      'Nothing arrived that nobody sent: ana@acme.example call 3 brought a Title that nobody sent',
    ],
    [
      'an answer arrived for another person',
      { calls: [...WELL.calls, inVain(called(3, 6, 7, { FirstName: 'Anna' }, 'bo@acme.example'))] },
      'Nothing arrived that nobody sent: bo@acme.example call 3 brought a FirstName that nobody sent',
    ],
    [
      'a lead is in the outbox that nobody sent',
      { jobs: [...WELL.jobs, delivered('x')] },
      'One id is one lead, with one content: x is in the outbox, and nobody sent it',
    ],
    [
      'a lead is in the outbox twice',
      { jobs: [...WELL.jobs, delivered('b')] },
      'One id is one lead, with one content: b stands 2 times in the outbox',
    ],
    [
      'an id was answered with another',
      { submissions: [WELL.submissions[0]!, sent('b', 3, { FirstName: 'Anna' }, { strangeIds: ['z'] })] },
      'One id is one lead, with one content: b was answered with another id: z',
    ],
    [
      'one id arrived with two contents',
      {
        submissions: [
          WELL.submissions[0]!,
          sent(
            'b',
            3,
            {},
            { contents: ['Anna', 'Annie'].map((FirstName) => ({ fields: {}, attributes: { FirstName } })) },
          ),
        ],
        calls: [...WELL.calls, called(3, 5, 6, { FirstName: 'Annie' })],
      },
      'One id is one lead, with one content: b arrived with two different contents',
    ],
    [
      'there were more calls in a window than allowed',
      { reigns: [{ ...REIGN, callsPer20s: 1 }] },
      'Never more calls in 20 seconds than allowed: tight 2 calls in 19 s, of 1 in 20 s',
    ],
    [
      'more calls were open at once than allowed',
      { reigns: [{ ...REIGN, concurrency: 0 }] },
      'Never more calls at once than allowed: tight 1 calls at once, of 0',
    ],
    [
      'there were more calls in a day than were left of it',
      { reigns: [{ ...REIGN, callsLeft: 1 }] },
      'Never more calls in a day than allowed: tight 2 calls, of 1',
    ],
    [
      'Marketo refused a call for a limit that the relay was to keep',
      { calls: [...WELL.calls, { ...inVain(called(3, 6, 7, { FirstName: 'Anna' })), code: '20023' }] },
      'Marketo refused no call for a limit: call 3 was refused: 20023',
    ],
    [
      'Marketo refused a call beside others that were open',
      {
        calls: [
          ...WELL.calls,
          { ...inVain(called(3, 4.2, 4.3, { LeadSource: 'Web' }, 'bo@acme.example')), code: '20024' },
        ],
        reigns: [{ ...REIGN, concurrency: 1 }],
      },
      'Marketo refused no call for a limit: call 3 was refused: 20024',
    ],
  ])('when %s', (_, over, what) => {
    const broken = breaks(over)

    expect(broken).toContain(what)
  })
})
