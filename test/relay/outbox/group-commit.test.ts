import { describe, expect, it } from 'vitest'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { groupCommit } from '../../../relay/outbox/group-commit.ts'
import { ids, LATER, lead, oneByOne, T, WIDE } from '../../suites/outbox/leads.ts'

/** Creates an outbox with recorded writes, and a runtime that writes when `flush` is called. */
function openGrouped({ refuse }: { refuse?: string } = {}) {
  const outbox = oneByOne(createMemoryOutbox(WIDE))
  const writes: string[][] = []
  const scheduled: (() => void)[] = []
  const add = groupCommit(
    async (leads: readonly Lead[], dueAt: number) => {
      writes.push(leads.map(({ id }) => id))
      if (leads.some(({ id }) => id === refuse)) throw new Error(`${refuse} cannot be written`)
      await outbox.add(leads, dueAt)
    },
    (write) => scheduled.push(write),
  )
  return { add, outbox, writes, flush: () => scheduled.splice(0).forEach((write) => write()) }
}

describe('group commit', () => {
  it('writes leads that arrived together in one write, in the order in which they came', async () => {
    const { add, outbox, writes, flush } = openGrouped()

    const all = Promise.all([add([lead('a')], T), add([lead('b'), lead('c')], T + 1), add([lead('d')], T)])
    flush()
    await all

    expect(writes).toEqual([['a', 'b', 'c', 'd']])
    expect(ids(await outbox.claim(T + 1, LATER, 10))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('resolves for no caller before its own lead is stored', async () => {
    const { add, flush } = openGrouped()
    let stored = false

    const adding = add([lead('a')], T).then(() => (stored = true))
    await Promise.resolve()
    const before = stored
    flush()
    await adding

    expect(before).toBe(false)
    expect(stored).toBe(true)
  })

  it('writes leads that arrive during a write together in the next one', async () => {
    const { add, writes, flush } = openGrouped()

    const first = add([lead('a')], T)
    flush()
    const rest = [add([lead('b')], T), add([lead('c')], T)]
    flush()
    await Promise.all([first, ...rest])

    expect(writes).toEqual([['a'], ['b', 'c']])
  })

  it('stores the other leads of a group when one cannot be written', async () => {
    const { add, outbox, flush } = openGrouped({ refuse: 'b' })

    const adding = Promise.allSettled([add([lead('a')], T), add([lead('b')], T), add([lead('c')], T)])
    flush()
    const outcomes = (await adding).map(({ status }) => status)

    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ids(await outbox.claim(T, LATER, 10))).toEqual(['a', 'c'])
  })

  it('rejects with the reason when a single lead cannot be written', async () => {
    const { add, flush } = openGrouped({ refuse: 'a' })

    const adding = add([lead('a')], T)
    flush()

    await expect(adding).rejects.toThrow('a cannot be written')
  })

  it('answers empty additions with the write of the group', async () => {
    const { add, writes, flush } = openGrouped()

    const all = Promise.all([add([], T), add([lead('a')], T), add([], T)])
    flush()
    await all

    expect(writes).toEqual([['a']])
  })

  it('writes the next group after one that could not be written', async () => {
    const { add, writes, flush } = openGrouped({ refuse: 'a' })

    const first = add([lead('a')], T).catch(() => 'rejected')
    flush()
    const outcome = await first
    const second = add([lead('b')], T)
    flush()
    await second

    expect(outcome).toBe('rejected')
    expect(writes).toEqual([['a'], ['b']])
  })
})
