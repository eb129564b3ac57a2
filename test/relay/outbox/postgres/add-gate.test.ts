import { describe, expect, it } from 'vitest'
import { groupCommit } from '../../../../relay/outbox/group-commit.ts'
import { inTurn } from '../../../../relay/outbox/postgres/add-gate.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

const LOST = new Error('no answer')
const REFUSED = new Error('refused')

/** An outbox far away: each addition waits until it is told what comes of it. A turn of the runtime comes when told to. */
function farAway() {
  const writes: { ids: string[]; kept: () => void; failed: (error: Error) => void }[] = []
  let turns: (() => void)[] = []
  let elapsed = 0
  const { add, soon } = inTurn(
    (leads) =>
      new Promise((kept, failed) => {
        writes.push({ ids: leads.map(({ id }) => id), kept, failed })
      }),
    { soon: (write) => turns.push(write), elapsed: () => elapsed, isLost: (error) => error === LOST },
  )
  return {
    add,
    grouped: groupCommit(add, soon),
    ids: () => writes.map(({ ids }) => ids.join()),
    /** What becomes of an addition, by its place. */
    kept: (at: number) => writes[at]?.kept(),
    failed: (at: number, error: Error) => writes[at]?.failed(error),
    wait: (ms: number) => void (elapsed += ms),
    async turn() {
      // What was settled is heard first.
      for (let n = 0; n < 10; n += 1) await Promise.resolve()
      const due = turns
      turns = []
      for (const write of due) write()
    },
  }
}

describe('additions by turns', () => {
  it('share the next one when two are on their way', async () => {
    const { grouped, ids, turn } = farAway()

    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      void grouped([lead(id)], T)
      await turn()
    }

    expect(ids()).toStrictEqual(['a', 'b'])
  })

  it('begin as soon as one has come to its end', async () => {
    const { grouped, ids, turn, kept } = farAway()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      void grouped([lead(id)], T)
      await turn()
    }

    kept(1)
    await turn()

    expect(ids()).toStrictEqual(['a', 'b', 'c,d,e'])
  })

  it('begin, too, when one has failed', async () => {
    const { grouped, ids, turn, failed } = farAway()
    for (const id of ['a', 'b', 'c']) {
      void grouped([lead(id)], T).catch(() => {})
      await turn()
    }

    failed(0, REFUSED)
    await turn()

    expect(ids()).toStrictEqual(['a', 'b', 'c'])
  })

  it('fail at once, for a second, when one had no answer', async () => {
    const { add, ids, failed, kept, wait } = farAway()
    const first = add([lead('a')], T)
    failed(0, LOST)
    await expect(first).rejects.toBe(LOST)

    wait(999)
    await expect(add([lead('b')], T)).rejects.toBe(LOST)
    wait(1)
    const third = add([lead('c')], T)
    kept(1)
    await third

    expect(ids()).toStrictEqual(['a', 'c'])
  })

  it('go on when one was kept, and when one was refused for what it is', async () => {
    const { add, ids, failed, kept, wait } = farAway()
    const lost = add([lead('a')], T)
    failed(0, LOST)
    await expect(lost).rejects.toBe(LOST)
    wait(1_000)
    const second = add([lead('b')], T)
    kept(1)
    await second
    const refused = add([lead('c')], T)
    failed(2, REFUSED)
    await expect(refused).rejects.toBe(REFUSED)

    void add([lead('d')], T)

    expect(ids()).toStrictEqual(['a', 'b', 'c', 'd'])
  })

  it('go on at once when another has had its answer meanwhile', async () => {
    const { add, ids, failed, kept } = farAway()
    const lost = add([lead('a')], T)
    const second = add([lead('b')], T)
    failed(0, LOST)
    await expect(lost).rejects.toBe(LOST)
    kept(1)
    await second

    void add([lead('c')], T)

    expect(ids()).toStrictEqual(['a', 'b', 'c'])
  })

  it('are all heard soon when the database is gone, though each is tried alone after a group has failed', async () => {
    const { grouped, ids, turn, failed } = farAway()
    const adding = ['a', 'b', 'c'].map((id) => grouped([lead(id)], T))
    await turn()

    failed(0, LOST)
    const outcomes = await Promise.allSettled(adding)

    expect(ids()).toStrictEqual(['a,b,c'])
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'rejected'])
  })
})
