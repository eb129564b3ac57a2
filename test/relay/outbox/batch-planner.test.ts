import { describe, expect, it } from 'vitest'
import { batchLimit, fillBatch, firstDue, type Candidate } from '../../../relay/outbox/batch-planner.ts'
import { T } from '../../suites/outbox/leads.ts'

/** Creates a job whose lead has so many characters. */
function job(seq: number, over: Partial<Candidate> = {}, characters = 10): Candidate {
  return { seq, due_at: T, batch_key: 'k', max_batch_size: null, lead: 'x'.repeat(characters), ...over }
}

/** Creates jobs with these batch sizes. */
function jobs(...sizes: (number | null)[]): Candidate[] {
  return sizes.map((max_batch_size, at) => job(at + 1, { max_batch_size }))
}

const seqs = (rows: readonly Candidate[]) => rows.map(({ seq }) => seq)

describe('the first job of a batch', () => {
  it('is the one that is due longest, and of those due at once the one that was stored first', () => {
    expect(firstDue([job(3, { due_at: T + 1 }), job(2), job(1, { due_at: T + 2 }), job(5)])?.seq).toBe(2)
  })

  it('is undefined when no job is due', () => {
    expect(firstDue([])).toBeUndefined()
  })

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
  ])('has %s', (_, maxJobs, rows, expected) => {
    expect(seqs(fillBatch(rows, maxJobs))).toStrictEqual(expected)
  })
})
