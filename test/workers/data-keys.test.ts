/** Data keys in Durable Objects. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { ResealedStore } from '../../relay/outbox/sealing/reseal.ts'
import { resealSqlite } from '../../relay/outbox/sqlite/reseal.ts'
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { keyIdOf, variableOf } from '../support/data-keys.ts'
import { durability } from '../suites/outbox/durability.ts'
import { lead, T, WIDE } from '../suites/outbox/leads.ts'
import { sealingSuite } from '../suites/sealing.ts'
import { openEncrypted } from './encrypted-outbox.ts'
import { newObject, outboxOf, type ObjectOptions } from './object-outbox.ts'
import { EncryptedOutbox, type OutboxObject } from './worker.ts'

sealingSuite('a Durable Object in workerd', async () => {
  const stub = newObject()
  const run = (statement: string) => runInDurableObject(stub, ({ sql }: OutboxObject) => sql.run(statement))
  return {
    async open(dataKeys, over) {
      const options: ObjectOptions = { limits: WIDE, batchKeys: TEST_BATCH_KEYS, dataKeys, ...over }
      await runInDurableObject(stub, (object: OutboxObject) => object.outbox(options))
      return outboxOf(stub, options)
    },
    async rotate(cipher, decrypts = false) {
      const within = <R>(work: (store: ResealedStore) => Promise<R>) =>
        runInDurableObject(stub, ({ sql }: OutboxObject) => work(resealSqlite(sql, cipher, decrypts)))
      await within(async () => {})
      return { step: (after) => within((store) => store.step(after)), finish: () => within((store) => store.finish()) }
    },
    async read() {
      const tables = await run(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_cf*'`)
      const rows = await Promise.all(tables.map(({ name }) => run(`SELECT * FROM ${name}`)))
      return JSON.stringify(rows)
    },
    run: (statement) => run(statement.replace(/\{(\w+)\}/g, '$1')),
  }
})

// The whole suite of the outbox runs in data-keys.long.test.ts.
describe('an outbox with a data key in a Durable Object', () => durability(openEncrypted))

describe("the relay's object with data keys", () => {
  /** Returns an object of the account without a name, which has no variables here: its leads wait. */
  const newRelay = () => env.ENCRYPTED.get(env.ENCRYPTED.newUniqueId())
  type Relay = ReturnType<typeof newRelay>

  const PATIENCE = { timeout: 30_000 }

  /** Starts an object again with these keys. */
  async function restart(relay: Relay, keys: string): Promise<void> {
    EncryptedOutbox.keys = keys
    // A busy machine may take long to end the work of the last request.
    await vi.waitFor(() => evictDurableObject(relay), PATIENCE)
  }

  /** Returns the leads as they are stored, and the secret of the digests. */
  const storedIn = (relay: Relay) =>
    runInDurableObject(relay, (_: EncryptedOutbox, { storage }) =>
      storage.sql
        .exec<{ text: string }>('SELECT lead AS text FROM job UNION ALL SELECT secret FROM meta')
        .toArray()
        .map(({ text }) => text),
    )

  /** Matches a text that has one key. */
  const ofKey = (key: number) => expect.stringMatching(new RegExp(`^s1\\.${keyIdOf(key)}\\.\\S+$`)) as string

  it(
    'encrypts by itself the leads that were stored before the key was set, and with a new key all of them',
    { timeout: 120_000 },
    async () => {
      EncryptedOutbox.keys = ''
      const relay = newRelay()
      await relay.add([lead('a')], T)
      const [plain] = await storedIn(relay)

      await restart(relay, variableOf(1))
      await relay.add([lead('b')], T)
      await expect.poll(() => storedIn(relay), PATIENCE).toStrictEqual([ofKey(1), ofKey(1), ofKey(1)])
      await restart(relay, variableOf(2, 1))
      await relay.find('a')
      await expect.poll(() => storedIn(relay), PATIENCE).toStrictEqual([ofKey(2), ofKey(2), ofKey(2)])
      await restart(relay, variableOf(2))

      expect(plain).toContain('a@example.com')
      expect(await relay.find('a')).toMatchObject({ lead: { email: 'a@example.com' } })
      expect(await relay.find('b')).toMatchObject({ lead: { email: 'b@example.com' } })
      const own = { kind: 'encrypt', by: 'relay', via: 'relay' }
      await expect
        .poll(async () => relay.listActs(9), PATIENCE)
        .toMatchObject([
          { ...own, selector: JSON.stringify({ key: keyIdOf(2) }), leads: 2 },
          { ...own, selector: JSON.stringify({ key: keyIdOf(1) }), leads: 1 },
        ])
    },
  )
})
