/** The counters by account and form in the table `counter`. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { makeFolder } from '../../../support/folder.ts'
import { addAll, lead, LATER, settleNext, T, WIDE } from '../../../suites/outbox/leads.ts'
import { openFile } from './open-file.ts'

const DELIVERED = { kind: 'delivered', leadId: 7 } as const
const PARKED = { kind: 'parked', reason: 'no such attribute' } as const

/** Opens an outbox and reads its counters: those of each form that are not zero. */
async function openCounted(account?: string, sql = openFile(join(makeFolder(), 'outbox.sqlite'))) {
  const outbox = await createSqliteOutbox(sql, { ...OUTBOX_OPTIONS, limits: WIDE, ...(account && { account }) })
  const counters = () =>
    Object.fromEntries(
      sql
        .run('SELECT * FROM counter WHERE account = ? ORDER BY form', account ?? 'default')
        .map((row) => [
          row.form,
          Object.fromEntries(Object.entries(row).filter(([, count]) => typeof count === 'number' && count !== 0)),
        ]),
    )
  return { sql, outbox, counters }
}

it('counts leads by form when they are added, and held ones apart', async () => {
  const { outbox, counters } = await openCounted()

  await outbox.add([lead('a'), lead('b'), lead('c', { form: 'demo' }), lead('d', { form: 'demo', hold: 'spam' })], T)
  await outbox.add([lead('e', { form: 'demo' }), lead('f', { form: 'demo', person: 'c@example.com' })], T)

  expect(counters()).toStrictEqual({
    contact: { waiting: 2, accepted_total: 2 },
    demo: { waiting: 3, held: 1, accepted_total: 4, held_total: 1 },
  })
})

it('counts posts that are dropped by form, and apart from leads', async () => {
  const { outbox, counters } = await openCounted()

  await outbox.add([lead('a', { drop: true }), lead('a'), lead('b', { drop: true }), lead('c', { form: 'demo' })], T)
  await outbox.add([lead('d', { form: 'event', drop: true })], T)

  expect(counters()).toStrictEqual({
    contact: { waiting: 1, accepted_total: 1, refused_total: 2 },
    demo: { waiting: 1, accepted_total: 1 },
    event: { refused_total: 1 },
  })
})

it.each([
  ['that is dropped', lead('b', { drop: true })],
  ['that is stored already', lead('a')],
  ['that was delivered', lead('delivered')],
])('writes to the disk also for a lead %s, so that its reply comes after the same wait', async (_, again) => {
  const folder = makeFolder()
  const { outbox } = await openCounted(undefined, openFile(join(folder, 'outbox.sqlite')))
  await addAll(outbox, lead('delivered'))
  await settleNext(outbox, DELIVERED)
  await addAll(outbox, lead('a'))
  const written = () => statSync(join(folder, 'outbox.sqlite-wal')).size
  const before = written()

  await outbox.add([again], T)

  expect(written()).toBeGreaterThan(before)
})

it('does not count a lead whose id is known', async () => {
  const { outbox, counters } = await openCounted()

  await outbox.add([lead('a'), lead('a')], T)
  await outbox.add([lead('a', { acceptedAt: T + 1 }), lead('a', { hold: 'spam' })], T)

  expect(counters()).toStrictEqual({ contact: { waiting: 1, accepted_total: 1 } })
})

it('counts a lead whose id was used before with another content in its own form, once', async () => {
  const { outbox, counters } = await openCounted()

  await outbox.add([lead('a'), lead('a', { form: 'demo' })], T)
  await outbox.add([lead('a', { form: 'demo' }), lead('a', { form: 'event' }), lead('b')], T)

  expect(counters()).toStrictEqual({
    contact: { waiting: 2, accepted_total: 2 },
    demo: { waiting: 1, accepted_total: 1, reused_total: 1 },
    event: { waiting: 1, accepted_total: 1, reused_total: 1 },
  })
})

it('counts delivered and parked leads, and leaves the counters at retries', async () => {
  const { outbox, counters } = await openCounted()
  await addAll(outbox, lead('a'), lead('b'), lead('c', { form: 'demo' }), lead('d', { form: 'demo' }))

  // The forms take turns.
  await settleNext(outbox, DELIVERED)
  await settleNext(outbox, { kind: 'retry', dueAt: LATER, reason: 'busy' })
  await settleNext(outbox, PARKED)
  await settleNext(outbox, DELIVERED)

  expect(counters()).toStrictEqual({
    contact: { parked: 1, accepted_total: 2, parked_total: 1, delivered_total: 1 },
    demo: { waiting: 1, accepted_total: 2, delivered_total: 1 },
  })
})

it('counts a lead whose rejected attributes are left as parked, and as delivered once they are delivered', async () => {
  const { outbox, counters } = await openCounted()
  await addAll(outbox, lead('a'))

  await settleNext(outbox, { kind: 'requeue', dueAt: T, reason: 'no', rejectedAttributes: ['FirstName'] })
  await settleNext(outbox, DELIVERED)
  const parked = counters()
  await outbox.replay(['a'], {}, T)
  await settleNext(outbox, DELIVERED)

  expect(parked).toStrictEqual({ contact: { parked: 1, accepted_total: 1, parked_total: 1 } })
  expect(counters()).toStrictEqual({ contact: { accepted_total: 1, parked_total: 1, delivered_total: 1 } })
})

it('counts replayed leads as waiting again, and leads that are parked twice twice', async () => {
  const { outbox, counters } = await openCounted()
  await addAll(outbox, lead('a'), lead('b', { form: 'demo', hold: 'spam' }), lead('c'))
  await settleNext(outbox, PARKED)
  await settleNext(outbox, PARKED)

  await outbox.replay(['a', 'b', 'missing', 'a'], {}, T)
  const replayed = counters()
  for (const _ of ['b', 'a']) await settleNext(outbox, PARKED)

  expect(replayed).toStrictEqual({
    contact: { waiting: 1, parked: 1, accepted_total: 2, parked_total: 2 },
    demo: { waiting: 1, accepted_total: 1, held_total: 1 },
  })
  expect(counters()).toStrictEqual({
    contact: { parked: 2, accepted_total: 2, parked_total: 3 },
    demo: { parked: 1, accepted_total: 1, held_total: 1, parked_total: 1 },
  })
})

it('ignores settlements that change no job', async () => {
  const { outbox, counters } = await openCounted()
  await addAll(outbox, lead('a'))
  const [batch] = await outbox.claim(T, LATER, 1)
  const settlement = { id: 'a', attempt: 1, ...DELIVERED }

  await outbox.settle(batch!.id, [settlement, settlement, { ...settlement, attempt: 2 }], T)
  await outbox.settle(batch!.id, [settlement], T)

  expect(counters()).toStrictEqual({ contact: { accepted_total: 1, delivered_total: 1 } })
})

it('keeps the counters of leads whose receipts are swept', async () => {
  const { outbox, counters } = await openCounted()
  await addAll(outbox, lead('a'))
  await settleNext(outbox, DELIVERED)

  await outbox.sweep(LATER, 10)

  expect(counters()).toStrictEqual({ contact: { accepted_total: 1, delivered_total: 1 } })
})

it('has sums that are the numbers of the status', async () => {
  const { outbox, sql } = await openCounted()
  const forms = ['contact', 'demo', 'event']
  const leads = Array.from({ length: 30 }, (_, n) =>
    lead(`lead-${n}`, { form: forms[n % 3]!, ...(n % 7 === 0 && { hold: 'spam' }) }),
  )
  await outbox.add(leads, T)
  const outcomes = [DELIVERED, PARKED, { kind: 'retry', dueAt: LATER, reason: 'busy' } as const]
  for (let n = 0; n < 20; n += 1) await settleNext(outbox, outcomes[n % 3]!)
  await outbox.replay(
    leads.slice(0, 10).map(({ id }) => id),
    {},
    T,
  )

  const [sums] = sql.run(
    `SELECT sum(waiting) AS waiting, sum(held) AS held, sum(parked) AS parked, sum(delivered_total) AS delivered,
       sum(accepted_total) AS accepted FROM counter`,
  )

  const { waiting, held, parked, delivered } = await outbox.status(T)
  expect(sums).toMatchObject({ waiting, held, parked, delivered, accepted: 30 })
  expect(waiting + held + parked + delivered).toBe(30)
})

it('counts each account on its own', async () => {
  const { sql, outbox, counters } = await openCounted()
  const other = await openCounted('second', sql)

  await addAll(outbox, lead('a'), lead('b'))
  await addAll(other.outbox, lead('c'))
  await settleNext(other.outbox, PARKED)

  expect(counters()).toStrictEqual({ contact: { waiting: 2, accepted_total: 2 } })
  expect(other.counters()).toStrictEqual({ contact: { parked: 1, accepted_total: 1, parked_total: 1 } })
})
