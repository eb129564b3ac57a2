import { describe, expect, it } from 'vitest'
import { groupCommit } from '../../../relay/outbox/group-commit.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { ids, LATER, lead, oneByOne, T, WIDE } from '../../suites/outbox/leads.ts'

/** An outbox that counts its writes, and a runtime that takes a turn when it is told to. */
function grouped({ refuse }: { refuse?: string } = {}) {
  const outbox = oneByOne(createMemoryOutbox(WIDE))
  const writes: string[][] = []
  const turns: (() => void)[] = []
  const add = groupCommit(
    async (leads: readonly Lead[], dueAt: number) => {
      writes.push(leads.map(({ id }) => id))
      if (leads.some(({ id }) => id === refuse)) throw new Error(`${refuse} cannot be written`)
      await outbox.add(leads, dueAt)
    },
    (write) => turns.push(write),
  )
  return { add, outbox, writes, turn: () => turns.splice(0).forEach((write) => write()) }
}

describe('group commit', () => {
  it('writes what arrived in one turn in one go, in the order it came', async () => {
    const { add, outbox, writes, turn } = grouped()

    const all = Promise.all([add([lead('a')], T), add([lead('b'), lead('c')], T + 1), add([lead('d')], T)])
    turn()
    await all

    expect(writes).toEqual([['a', 'b', 'c', 'd']])
    expect(ids(await outbox.claim(T + 1, LATER, 10))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('answers nobody before their own lead is kept', async () => {
    const { add, turn } = grouped()
    let kept = false

    const adding = add([lead('a')], T).then(() => (kept = true))
    await Promise.resolve()
    const before = kept
    turn()
    await adding

    expect(before).toBe(false)
    expect(kept).toBe(true)
  })

  it('lets what arrives while it writes share the next write', async () => {
    const { add, writes, turn } = grouped()

    const first = add([lead('a')], T)
    turn()
    const rest = [add([lead('b')], T), add([lead('c')], T)]
    turn()
    await Promise.all([first, ...rest])

    expect(writes).toEqual([['a'], ['b', 'c']])
  })

  it('makes a lead that cannot be written cost nobody else', async () => {
    const { add, outbox, turn } = grouped({ refuse: 'b' })

    const adding = Promise.allSettled([add([lead('a')], T), add([lead('b')], T), add([lead('c')], T)])
    turn()
    const outcomes = (await adding).map(({ status }) => status)

    expect(outcomes).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ids(await outbox.claim(T, LATER, 10))).toEqual(['a', 'c'])
  })

  it('hands on why a lonely lead could not be written', async () => {
    const { add, turn } = grouped({ refuse: 'a' })

    const adding = add([lead('a')], T)
    turn()

    await expect(adding).rejects.toThrow('a cannot be written')
  })

  it('tells in the same write whether a lead could be kept', async () => {
    const { add, writes, turn } = grouped()

    const all = Promise.all([add([], T), add([lead('a')], T), add([], T)])
    turn()
    await all

    expect(writes).toEqual([['a']])
  })

  it('writes the next group when the last one could not be written', async () => {
    const { add, writes, turn } = grouped({ refuse: 'a' })

    const first = add([lead('a')], T).catch(() => 'refused')
    turn()
    const outcome = await first
    const second = add([lead('b')], T)
    turn()
    await second

    expect(outcome).toBe('refused')
    expect(writes).toEqual([['a'], ['b']])
  })
})
