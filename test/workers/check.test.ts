/** The Worker's check of its objects, every few minutes: what happens when an alarm was lost. */
import { createScheduledController, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { SOAP_BATCH_KEYS } from '../../relay/marketo/soap/transport.ts'
import { createSqliteOutbox } from '../../relay/outbox/sqlite/outbox.ts'
import { WORKERD_CRYPTO } from '../../relay/runtime/cloudflare/outbox-crypto.ts'
import { durableObjectSql } from '../../relay/runtime/cloudflare/sql.ts'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { CREATED } from '../relay/marketo/soap/samples.ts'
import { lead } from '../suites/outbox/leads.ts'
import type { DeliveringOutbox, LeadOutbox } from './worker.ts'

type Stub = DurableObjectStub<DeliveringOutbox>

/** Time for what takes a moment, but seconds on a busy machine. */
const SOON = { interval: 10, timeout: 10_000 }

/** The three objects of a relay. They have a Marketo account, unlike those of `env.OUTBOX`. */
const NAMES = ['outbox', 'outbox-1', 'outbox-2']

function object(name: string): Stub {
  return env.DELIVERING.get(env.DELIVERING.idFromName(name))
}

/** Runs the check as the runtime does when the cron trigger fires. */
async function runCheck(objects: object = env.DELIVERING): Promise<void> {
  await worker.scheduled(createScheduledController(), {
    OUTBOX: objects as typeof env.DELIVERING,
    FORM_SYNC_SHARDS: '3',
  } as Parameters<typeof worker.scheduled>[1])
}

/** Stores a lead that is due, as it is when its alarm was lost: nothing will wake the object. */
async function storeWithoutAlarm(name: string, id: string): Promise<void> {
  await runInDurableObject(object(name), async ({ started }: DeliveringOutbox, { storage }) => {
    // Otherwise the object may find the lead at its start, and set an alarm.
    await started
    const options = { batchKeys: SOAP_BATCH_KEYS, crypto: WORKERD_CRYPTO }
    const outbox = await createSqliteOutbox(durableObjectSql(storage), options)
    await outbox.add([lead(id, { acceptedAt: Date.now() })], Date.now())
    expect(await storage.getAlarm()).toBeNull()
  })
}

function alarmOf(name: string): Promise<number | null> {
  return runInDurableObject(object(name), (_: LeadOutbox, { storage }) => storage.getAlarm())
}

/** Rings the alarm of an object as the runtime does, which says for when it was set: the present one, or an earlier one. */
async function ring(name: string, earlier?: number): Promise<void> {
  await runInDurableObject(object(name), async (instance: DeliveringOutbox, { storage }) => {
    await instance.started
    const scheduledTime = earlier ?? (await storage.getAlarm())!
    await storage.deleteAlarm()
    await instance.alarm({ scheduledTime })
  })
}

/** Returns the failures of the relay itself that are logged from now on. */
function recordErrors(): object[] {
  const errors: object[] = []
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => {
    const event = JSON.parse(line) as { event: string }
    if (event.event === 'error') errors.push(event)
  })
  onTestFinished(() => spy.mockRestore())
  return errors
}

/** Answers the calls of the objects in place of Marketo. */
function answer(reply: () => Promise<Response>): void {
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(reply)
  onTestFinished(() => spy.mockRestore())
}

const unreachable = () => Promise.reject(new Error('Network connection lost.'))

beforeEach(async () => {
  for (const name of NAMES) {
    await runInDurableObject(object(name), (_: LeadOutbox, { storage }) => storage.deleteAll())
    await evictDurableObject(object(name))
  }
})

describe('the check of the objects', () => {
  it('sets no alarm and logs nothing when no lead waits', async () => {
    const errors = recordErrors()
    const idle = env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))

    await runCheck(env.OUTBOX)

    expect(errors).toEqual([])
    expect(await runInDurableObject(idle, (_: LeadOutbox, { storage }) => storage.getAlarm())).toBeNull()
  })

  it.each([
    ['outbox', 'is in memory', false],
    ['outbox', 'was evicted', true],
    ['outbox-2', 'is in memory', false],
    ['outbox-2', 'was evicted', true],
  ])('delivers a due lead whose alarm was lost, and logs it, when the object %s %s', async (name, _, evicted) => {
    const errors = recordErrors()
    answer(() => Promise.resolve(new Response(CREATED)))
    await storeWithoutAlarm(name, 'a')
    if (evicted) await evictDurableObject(object(name))

    await runCheck()
    await vi.waitFor(async () => expect(await object(name).find('a')).toMatchObject({ state: 'delivered' }), SOON)

    expect(errors).toMatchObject([{ where: 'alarm', reason: 'leads waited without an alarm' }])
  })

  it('logs a lost alarm also when the object was started, and has set another one, before the check', async () => {
    const errors = recordErrors()
    answer(unreachable)
    await storeWithoutAlarm('outbox', 'a')
    await evictDurableObject(object('outbox'))
    await runInDurableObject(object('outbox'), ({ started }: DeliveringOutbox) => started)
    expect(await alarmOf('outbox')).not.toBeNull()

    await runCheck()

    expect(errors).toMatchObject([{ where: 'alarm', reason: 'leads waited without an alarm' }])
  })

  it('logs a lost alarm also when the next one rings before the check, and once', async () => {
    const errors = recordErrors()
    answer(unreachable)
    await storeWithoutAlarm('outbox', 'a')
    await evictDurableObject(object('outbox'))
    await runInDurableObject(object('outbox'), ({ started }: DeliveringOutbox) => started)

    await ring('outbox')
    await ring('outbox')
    await runCheck()

    expect(errors).toMatchObject([{ where: 'alarm', reason: 'leads waited without an alarm' }])
  })

  it('logs nothing when the alarm itself starts the object', async () => {
    const errors = recordErrors()
    answer(unreachable)
    await storeWithoutAlarm('outbox', 'a')
    await evictDurableObject(object('outbox'))

    // As for an object that the runtime starts for its alarm, no alarm is set then.
    await ring('outbox', Date.now() - 60_000)
    await runCheck()

    expect(errors).toEqual([])
  })

  it('sets an alarm again that was lost, so that an object that dies meanwhile is started again', async () => {
    recordErrors()
    answer(unreachable)
    await storeWithoutAlarm('outbox-1', 'a')

    await runCheck()

    expect(await alarmOf('outbox-1')).not.toBeNull()
  })

  it('logs a lost alarm once', async () => {
    const errors = recordErrors()
    answer(unreachable)
    await storeWithoutAlarm('outbox', 'a')

    await runCheck()
    await runCheck()

    expect(errors).toHaveLength(1)
  })

  it('logs nothing when leads wait for their alarm', async () => {
    const errors = recordErrors()
    answer(unreachable)
    await object('outbox').add([lead('a', { acceptedAt: Date.now() })], Date.now())

    await runCheck()

    expect(errors).toEqual([])
    expect(await alarmOf('outbox')).not.toBeNull()
  })

  it('checks the other objects when one does not answer, and logs which error it had', async () => {
    const errors = recordErrors()
    answer(() => Promise.resolve(new Response(CREATED)))
    await storeWithoutAlarm('outbox-2', 'a')
    const first = env.DELIVERING.idFromName('outbox')
    const objects = {
      idFromName: (name: string) => env.DELIVERING.idFromName(name),
      get: (id: DurableObjectId) =>
        id.equals(first)
          ? { check: () => Promise.reject(new Error('overloaded')), checkForms: () => Promise.resolve() }
          : env.DELIVERING.get(id),
    }

    await runCheck(objects)
    await vi.waitFor(async () => expect(await object('outbox-2').find('a')).toMatchObject({ state: 'delivered' }), SOON)

    expect(errors).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ where: 'outbox', reason: 'Error: overloaded' })]),
    )
  })
})
