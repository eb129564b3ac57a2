import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterTurn,
  batchLimit,
  fillBatch,
  interleave,
  planBatch,
  type Candidate,
  type Lane,
  type Turns,
} from '../../../relay/outbox/batch-planner.ts'
import { T } from '../../suites/outbox/leads.ts'

/** Creates a job whose lead has so many characters. */
function job(seq: number, over: Partial<Candidate> = {}, characters = 10): Candidate {
  const sent = { visitor_key: null, rejected: '[]', stale: '[]' }
  return { seq, due_at: T, batch_key: 'k', max_batch_size: null, lead: 'x'.repeat(characters), ...sent, ...over }
}

/** Creates jobs with these batch sizes. */
function jobs(...sizes: (number | null)[]): Candidate[] {
  return sizes.map((max_batch_size, at) => job(at + 1, { max_batch_size }))
}

const seqs = (rows: readonly Candidate[]) => rows.map(({ seq }) => seq)

/** Creates a lane of jobs that go alone, with 5 due jobs. */
function lane(form: string, over: Partial<Lane> = {}): Lane {
  return { batch_key: null, form, due_at: T, seq: 1, max_batch_size: null, due: 5, ...over }
}

/** Creates a lane of jobs that share calls. */
function shared(form: string, over: Partial<Lane> = {}): Lane {
  return lane(form, { batch_key: 'k', ...over })
}

/** Plans a batch of at most 10 jobs: the form that leads it, and the jobs of each form. */
function planned(lanes: readonly Lane[], turns?: Turns, maxJobs = 10, mayShare = true) {
  const plan = planBatch(lanes, turns, maxJobs, mayShare)
  return plan && [plan.first.form, Object.fromEntries(plan.parts.map((part) => [part.lane.form, part.jobs]))]
}

/** Returns the turns after these lanes have led a batch. */
function afterAll(...leading: readonly Lane[]): Turns | undefined {
  return leading.reduce<Turns | undefined>((turns, first) => afterTurn(turns, first), undefined)
}

describe('the next batch', () => {
  it.each<[string, Lane[], ReturnType<typeof planned>]>([
    ['is undefined when there is no job', [], undefined],
    ['is undefined when no job is due', [lane('a', { due: 0 }), shared('b', { due: 0 })], undefined],
    ['has one job that goes alone', [lane('a')], ['a', { a: 1 }]],
    ['has the jobs that share a call', [shared('a')], ['a', { a: 5 }]],
    ['has as many as allowed', [shared('a', { due: 30 })], ['a', { a: 10 }]],
    ['has as many as its first job allows', [shared('a', { max_batch_size: 2 })], ['a', { a: 2 }]],
    ['is led by the job that is due longest', [lane('a', { due_at: T + 1 }), lane('b')], ['b', { b: 1 }]],
    ['is led by the first one of those due at once', [lane('a', { seq: 2 }), lane('b')], ['b', { b: 1 }]],
    ['has no job of another key', [shared('a'), lane('b', { batch_key: 'other', seq: 2 })], ['a', { a: 5 }]],
    ['has jobs of each form evenly', [shared('a', { due: 9 }), shared('b', { due: 9, seq: 2 })], ['a', { a: 5, b: 5 }]],
    [
      'gives places that a form does not need to others',
      [shared('a', { due: 9 }), shared('b', { due: 1, seq: 2 }), shared('c', { due: 3, seq: 3 })],
      ['a', { a: 6, b: 1, c: 3 }],
    ],
    [
      'has one job of each form, in the order in which they are due, where there are more forms than places',
      Array.from({ length: 12 }, (_, at) => shared(`f${at}`, { seq: 12 - at })),
      ['f11', Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${11 - at}`, 1]))],
    ],
    [
      'is a full shared one before an older job that goes alone',
      [lane('a'), shared('b', { seq: 2, due: 10 })],
      ['b', { b: 10 }],
    ],
    ['is not a shared one that is nearly full', [lane('a'), shared('b', { seq: 2, due: 9 })], ['a', { a: 1 }]],
    [
      'is a shared one that is due longest, full or not',
      [lane('a', { seq: 2 }), shared('b', { due: 1 })],
      ['b', { b: 1 }],
    ],
    [
      'is full by the jobs of several forms',
      [lane('a'), shared('b', { seq: 2, due: 5 }), shared('c', { seq: 3, due: 5 })],
      ['b', { b: 5, c: 5 }],
    ],
    [
      'is not full by jobs with different keys',
      [lane('a'), shared('b', { seq: 2, due: 5 }), lane('c', { batch_key: 'other', seq: 3, due: 5 })],
      ['a', { a: 1 }],
    ],
  ])('%s', (_, lanes, expected) => {
    expect(planned(lanes)).toStrictEqual(expected)
  })

  it('goes alone while no job may share a call', () => {
    expect(planned([shared('a', { due: 10 }), lane('b', { seq: 2 })], undefined, 10, false)).toStrictEqual([
      'b',
      { b: 1 },
    ])
    expect(planned([shared('a', { due: 10 })], undefined, 10, false)).toBeUndefined()
  })

  it('prefers no kind of job where each goes alone', () => {
    const lanes = [shared('a'), lane('b', { seq: 2 })]

    expect(planned(lanes, afterAll(...Array.from({ length: 20 }, () => shared('x'))), 1)).toStrictEqual(['a', { a: 1 }])
  })

  it.each([
    ['three shared batches', 3, shared('x'), 'alone'],
    ['two shared batches', 2, shared('x'), 'shared'],
    ['nine jobs that went alone', 9, lane('x'), 'shared'],
    ['eight jobs that went alone', 8, lane('x'), 'alone'],
  ])('after %s in a row', (_, inARow, kind, expected) => {
    const full = expected === 'shared' && inARow < 9
    const both = [shared('shared', { seq: 2, due: full || inARow === 3 ? 10 : 1 }), lane('alone')]

    expect(planned(both, afterAll(...Array.from({ length: inARow }, () => kind)))?.[0]).toBe(expected)
  })

  it('starts to count anew with a batch of the other kind', () => {
    const calls = [shared('x'), shared('x'), lane('x'), shared('x')]

    expect(afterAll(...calls)).toMatchObject({ shared: true, inARow: 1 })
    expect(planned([shared('a', { seq: 2, due: 10 }), lane('b')], afterAll(...calls))?.[0]).toBe('a')
  })

  it('is led by the form that has led least recently, and before that by one that has not led yet', () => {
    const [a, b, c] = [lane('a'), lane('b', { seq: 2 }), lane('c', { seq: 3 })]

    expect(planned([a, b, c], afterAll(a, b))?.[0]).toBe('c')
    expect(planned([a, b, c], afterAll(c, b, a))?.[0]).toBe('c')
    expect(planned([a, b], afterAll(a, c, a, b))?.[0]).toBe('a')
  })

  it('counts the turns of a form apart for jobs that go alone and for those that share calls', () => {
    const lanes = [lane('a', { seq: 1 }), lane('b', { seq: 2 })]

    expect(planned(lanes, afterAll(lane('b'), shared('a')))?.[0]).toBe('a')
  })

  it('is led by each lane that stays due, however many jobs the others have', () => {
    const anyLane = fc.record({
      batch_key: fc.constantFrom(null, 'k', 'other'),
      form: fc.constantFrom('a', 'b', 'c'),
      due_at: fc.integer({ min: T, max: T + 3 }),
      due: fc.integer({ min: 1, max: 10 }),
    })
    const anyLanes = fc.uniqueArray(anyLane, { selector: ({ batch_key: key, form }) => `${key} ${form}`, minLength: 1 })
    fc.assert(
      fc.property(anyLanes, (parts) => {
        const lanes = parts.map((part, at) => lane(part.form, { ...part, seq: at + 1 }))
        const leaders: Lane[] = []
        let turns: Turns | undefined
        for (let call = 0; call < 200; call += 1) {
          const { first } = planBatch(lanes, turns, 10, true)!
          leaders.push(first)
          turns = afterTurn(turns, first)
        }
        for (const each of lanes) {
          const ofKind = lanes.filter((other) => (other.batch_key === null) === (each.batch_key === null)).length
          const longestWait = ofKind * (each.batch_key === null ? 4 : 10)
          for (let from = 0; from + longestWait <= leaders.length; from += 1) {
            expect(leaders.slice(from, from + longestWait)).toContain(each)
          }
        }
      }),
    )
  })

  it('is led by the form that has led least recently, also among more forms than are remembered', () => {
    const many = Array.from({ length: 300 }, (_, at) => lane(`form-${at}`, { seq: at + 1 }))
    const turns = afterAll(...many)

    expect(planned(many, turns)?.[0]).toBe('form-0')
    expect(turns?.led.length).toBeLessThan(300)
  })
})

describe('the jobs of several forms', () => {
  it.each([
    [[], []],
    [[[]], []],
    [[[1, 2, 3]], [1, 2, 3]],
    [
      [[1, 2, 3], [4], [5, 6]],
      [1, 4, 5, 2, 6, 3],
    ],
    [[[], [1], []], [1]],
  ])('of %j go in turn: %j', (lanes, expected) => {
    expect(interleave(lanes)).toStrictEqual(expected)
  })
})

describe('the first job of a batch', () => {
  it.each<[string, Partial<Candidate>, number]>([
    ['300 jobs, as configured', {}, 300],
    ['one job without a batch key', { batch_key: null }, 1],
    ['as many jobs as the first one allows', { max_batch_size: 7 }, 7],
    ['300 jobs when the first one allows more', { max_batch_size: 400 }, 300],
    ['one job without a batch key, whatever its size', { batch_key: null, max_batch_size: 7 }, 1],
  ])('allows a batch of %s', (_, over, expected) => {
    expect(batchLimit(job(1, over), 300)).toBe(expected)
  })
})

describe('a batch', () => {
  it.each<[string, number, Candidate[], number[]]>([
    ['as many jobs as are due', 9, jobs(null, null, null), [1, 2, 3]],
    ['as many jobs as allowed', 2, jobs(null, null, null), [1, 2]],
    ['no more jobs than each of them allows', 9, jobs(5, 3, 4, 9), [1, 2, 3]],
    ['no job that allows fewer than are in it', 9, jobs(null, null, 2, null), [1, 2]],
    ['one job that goes alone', 9, jobs(1, null), [1]],
    ['no job after one that goes alone', 9, jobs(null, 1, null), [1]],
    ['no more jobs than allowed, whatever they allow', 2, jobs(30, 30, 30), [1, 2]],
    ['one job, whatever the limit is', 0, jobs(null, null), [1]],
    ['half a million characters', 9, [job(1, {}, 250_000), job(2, {}, 250_000), job(3, {}, 1)], [1, 2]],
    ['not a character more', 9, [job(1, {}, 250_000), job(2, {}, 250_001)], [1]],
    ['one lead that is larger', 9, [job(1, {}, 900_000), job(2, {}, 1)], [1]],
    ['no lead after one that does not fit', 9, [job(1), job(2, {}, 500_000), job(3)], [1]],
    ['no job when none is due', 9, [], []],
    [
      'one lead with the cookie of a visitor',
      9,
      [job(1, { visitor_key: 'v' }), job(2, { visitor_key: 'v' }, 500_000), job(3, { visitor_key: 'w' }), job(4)],
      [1, 3, 4],
    ],
    [
      'several leads of a visitor when all but one go without the cookie',
      9,
      [
        job(1, { visitor_key: 'v', stale: '["Munchkin cookie"]' }),
        job(2, { visitor_key: 'v', rejected: '["City","Munchkin cookie"]' }),
        job(3, { visitor_key: 'v' }),
      ],
      [1, 2, 3],
    ],
  ])('has %s', (_, maxJobs, rows, expected) => {
    expect(seqs(fillBatch(rows, maxJobs))).toStrictEqual(expected)
  })
})
