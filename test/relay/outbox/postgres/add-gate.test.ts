import { describe, expect, it } from 'vitest'
import { groupCommit } from '../../../../relay/outbox/group-commit.ts'
import { createAddGate } from '../../../../relay/outbox/postgres/add-gate.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

const LOST = new Error('no answer')
const REFUSED = new Error('refused')

/** Creates a gate before an outbox that answers when the test says so; the runtime's next turn comes likewise. */
function createGate() {
  const writes: { ids: string[]; resolve: () => void; reject: (error: Error) => void }[] = []
  let scheduled: (() => void)[] = []
  let elapsed = 0
  const { add, schedule } = createAddGate(
    (leads) =>
      new Promise((resolve, reject) => {
        writes.push({ ids: leads.map(({ id }) => id), resolve, reject })
      }),
    { schedule: (write) => scheduled.push(write), elapsed: () => elapsed, isLost: (error) => error === LOST },
  )
  return {
    add,
    grouped: groupCommit(add, schedule),
    /** The leads of each addition that was sent to the outbox. */
    sent: () => writes.map(({ ids }) => ids.join()),
    /** Ends an addition, by its position. */
    succeed: (at: number) => writes[at]?.resolve(),
    fail: (at: number, error: Error) => writes[at]?.reject(error),
    wait: (ms: number) => void (elapsed += ms),
    /** Lets settled promises be noticed, and then runs what was scheduled. */
    async nextTurn() {
      await new Promise(setImmediate)
      const due = scheduled
      scheduled = []
      for (const write of due) write()
    },
  }
}

describe('the gate for additions', () => {
  it('lets two additions be under way, and leads that arrive meanwhile share the next one', async () => {
    const { grouped, sent, nextTurn, succeed } = createGate()
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      void grouped([lead(id)], T)
      await nextTurn()
    }
    const before = sent()

    succeed(1)
    await nextTurn()

    expect(before).toStrictEqual(['a', 'b'])
    expect(sent()).toStrictEqual(['a', 'b', 'c,d,e'])
  })

  it('lets the next addition begin when one has failed, too', async () => {
    const { grouped, sent, nextTurn, fail } = createGate()
    for (const id of ['a', 'b', 'c']) {
      void grouped([lead(id)], T).catch(() => {})
      await nextTurn()
    }

    fail(0, REFUSED)
    await nextTurn()

    expect(sent()).toStrictEqual(['a', 'b', 'c'])
  })

  it('rejects additions at once for a second after the database could not be asked', async () => {
    const { add, sent, fail, succeed, wait } = createGate()
    const first = add([lead('a')], T)
    fail(0, LOST)
    await expect(first).rejects.toBe(LOST)

    wait(999)
    await expect(add([lead('b')], T)).rejects.toBe(LOST)
    wait(1)
    const third = add([lead('c')], T)
    succeed(1)
    await third

    expect(sent()).toStrictEqual(['a', 'c'])
  })

  it('goes on after an addition that was stored, and after one that was refused for its content', async () => {
    const { add, sent, fail, succeed, wait } = createGate()
    const lost = add([lead('a')], T)
    fail(0, LOST)
    await expect(lost).rejects.toBe(LOST)
    wait(1_000)
    const second = add([lead('b')], T)
    succeed(1)
    await second
    const refused = add([lead('c')], T)
    fail(2, REFUSED)
    await expect(refused).rejects.toBe(REFUSED)

    void add([lead('d')], T)

    expect(sent()).toStrictEqual(['a', 'b', 'c', 'd'])
  })

  it('goes on at once when another addition was answered meanwhile', async () => {
    const { add, sent, fail, succeed } = createGate()
    const lost = add([lead('a')], T)
    const second = add([lead('b')], T)
    fail(0, LOST)
    await expect(lost).rejects.toBe(LOST)
    succeed(1)
    await second

    void add([lead('c')], T)

    expect(sent()).toStrictEqual(['a', 'b', 'c'])
  })

  it('rejects a whole group at once when the database is gone, though each lead is tried alone after a failed group', async () => {
    const { grouped, sent, nextTurn, fail } = createGate()
    const adding = ['a', 'b', 'c'].map((id) => grouped([lead(id)], T))
    await nextTurn()

    fail(0, LOST)
    const outcomes = await Promise.allSettled(adding)

    expect(sent()).toStrictEqual(['a,b,c'])
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected', 'rejected'])
  })
})
