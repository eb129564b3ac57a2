/** Lists of waiting, held and parked jobs, page by page. */
import { describe, expect, it } from 'vitest'
import type { JobRecord, ListedState, ListPosition, Outbox } from '../../../relay/outbox/outbox.ts'
import { addAll, claimBatch, LATER, lead, ofOnePerson, park, settleNext, T, WIDE, WIDE_BATCHES } from './leads.ts'
import type { Open } from './suite.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no such attribute' } as const

/** Ids and the times that order them, in ms after `T`: in the order in which they are stored, and as they are listed. */
const STORED: [id: string, at: number][] = [
  ['b', 0],
  ['a', 0],
  ['d', 2],
  ['c', 2],
  ['f', 1],
  ['e', 2],
]
const LISTED = ['a', 'b', 'f', 'c', 'd', 'e']

/** Stores jobs in a state, ordered by their times. */
async function store(outbox: Outbox, state: ListedState): Promise<void> {
  // Jobs are parked in the order of time, as they come: a clock that goes backwards leases none.
  const order = state === 'parked' ? STORED.toSorted(([, a], [, b]) => a - b) : STORED
  for (const [id, at] of order) {
    if (state === 'waiting') await outbox.add([lead(id, { acceptedAt: T + at })], T)
    else if (state === 'held') await outbox.add([lead(id, { hold: 'spam' })], T + at)
    else await park(outbox, [lead(id), T + at])
  }
}

function positionOf(record: JobRecord, state: ListedState): ListPosition {
  return { at: state === 'waiting' ? record.acceptedAt : record.settledAt!, id: record.id }
}

/** Returns the ids of all pages up to the first that is empty; ten at most, should a list never end. */
async function pages(outbox: Outbox, state: ListedState, limit: number): Promise<string[][]> {
  const all: string[][] = []
  let after: ListPosition | undefined
  do {
    const page = await outbox.list(state, limit, after)
    all.push(page.map(({ id }) => id))
    const last = page.at(-1)
    after = last && positionOf(last, state)
  } while (after && all.length < 10)
  return all
}

export function listing(open: Open): void {
  describe.each<ListedState>(['waiting', 'held', 'parked'])('the list of %s jobs', (state) => {
    it('is empty at first', async () => {
      const outbox = await open(WIDE)

      expect(await outbox.list(state, 10)).toStrictEqual([])
    })

    it('is ordered by time and then by id', async () => {
      const outbox = await open(WIDE)
      await store(outbox, state)

      const listed = await outbox.list(state, 10)

      expect(listed.map(({ id }) => id)).toStrictEqual(LISTED)
    })

    it.each([
      [1, [['a'], ['b'], ['f'], ['c'], ['d'], ['e'], []]],
      [2, [['a', 'b'], ['f', 'c'], ['d', 'e'], []]],
      [4, [['a', 'b', 'f', 'c'], ['d', 'e'], []]],
      [6, [['a', 'b', 'f', 'c', 'd', 'e'], []]],
      [7, [['a', 'b', 'f', 'c', 'd', 'e'], []]],
    ])('has pages of %i jobs, with no job twice and none left out', async (limit, expected) => {
      const outbox = await open(WIDE)
      await store(outbox, state)

      expect(await pages(outbox, state, limit)).toStrictEqual(expected)
    })

    it('continues after a position whose job has left the list', async () => {
      const outbox = await open(WIDE)
      await store(outbox, state)

      const listed = await outbox.list(state, 10, { at: T + 2, id: 'cc' })

      expect(listed.map(({ id }) => id)).toStrictEqual(['d', 'e'])
    })

    it('has the same records as a search by id', async () => {
      const outbox = await open(WIDE)
      await store(outbox, state)

      const listed = await outbox.list(state, 10)

      expect(listed).toStrictEqual(await Promise.all(LISTED.map((id) => outbox.find(id))))
      expect(new Set(listed.map((record) => record.state))).toStrictEqual(new Set([state]))
    })
  })

  describe('the lists', () => {
    it('have each job in the list of its state, and delivered ones in none', async () => {
      const outbox = await open(WIDE)
      await addAll(
        outbox,
        ...['delivered', 'parked', 'leased', 'retried', 'waits'].map((id) => lead(id)),
        ...ofOnePerson('first', 'queued'),
        lead('held', { hold: 'spam' }),
      )
      await settleNext(outbox, DELIVERED)
      await settleNext(outbox, PARKED)
      await claimBatch(outbox)
      await settleNext(outbox, { kind: 'retry', dueAt: LATER, reason: 'busy' })

      const listed = await Promise.all(
        (['waiting', 'held', 'parked'] as const).map(async (state) =>
          (await outbox.list(state, 10)).map(({ id }) => id),
        ),
      )

      expect(listed).toStrictEqual([['first', 'leased', 'queued', 'retried', 'waits'], ['held'], ['parked']])
    })

    it('have the whole record of a parked job, and the status has the time of the first', async () => {
      const outbox = await open(WIDE_BATCHES)
      await addAll(outbox, lead('a', { form: 'demo', notes: ['a note'], cookie: 'c' }))
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' })
      await settleNext(outbox, { kind: 'retry', dueAt: T, reason: 'busy' }, T + 1)
      await settleNext(outbox, PARKED, T + 2)
      await park(outbox, [lead('b'), T + 3])

      const listed = await outbox.list('parked', 1)

      expect(listed).toStrictEqual([
        {
          id: 'a',
          form: 'demo',
          state: 'parked',
          attempts: 3,
          acceptedAt: T,
          settledAt: T + 2,
          reason: 'no such attribute',
          history: [
            { reason: 'busy', times: 2, first: T, last: T + 1 },
            { reason: 'no such attribute', times: 1, first: T + 2, last: T + 2 },
          ],
          rejectedAttributes: [],
          staleAttributes: [],
          notes: ['a note'],
          lead: lead('a', { form: 'demo', notes: ['a note'], cookie: 'c' }),
        },
      ])
      expect((await outbox.status(T)).parkedAt).toBe(T + 2)
    })
  })
}
