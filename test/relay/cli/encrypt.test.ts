/** `form-sync encrypt` on a folder and on a database. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../../relay/runtime/node/store.ts'
import { runHere } from '../../support/command-here.ts'
import { keyIdOf, variableOf } from '../../support/data-keys.ts'
import { makeFolder } from '../../support/folder.ts'
import { withPostgres } from '../../support/postgres.ts'
import { LATER, lead, park, WIDE } from '../../suites/outbox/leads.ts'

const MARKETO = { endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1', userId: 'u', secretKey: 'k' }
const bytesOf = (key: number) => new Uint8Array(32).fill(key)

interface Source {
  env: Record<string, string>
  /** Starts a relay's store with these keys. */
  open(...keys: number[]): Promise<Store>
}

/** Starts the store with keys, one after the other, stores a parked lead and one that waits with each, and stops it. */
async function fill(source: Source, ...starts: number[][]): Promise<void> {
  for (const keys of starts) {
    const store = await source.open(...keys)
    await park(store.outbox, [lead(`parked-${keys.join('')}`)])
    await store.outbox.add([lead(`waiting-${keys.join('')}`)], LATER)
    await store.close()
  }
}

function encrypting(where: string, sourceOf: () => Promise<Source>): void {
  describe(`form-sync encrypt on ${where}`, () => {
    const run = async (source: Source, key: string | undefined, ...words: string[]) => {
      const env = { ...source.env, ...(key !== undefined && { FORM_SYNC_DATA_KEY: key }) }
      return runHere(['encrypt', ...words], env)
    }

    it('encrypts leads that were stored before the key was set, and says how many rows each key has', async () => {
      const source = await sourceOf()
      await fill(source, [], [1])

      const { status, stdout } = await run(source, variableOf(1))

      expect({ status, stdout }).toStrictEqual({
        status: 0,
        stdout: `Encrypted 2 rows with the key ${keyIdOf(1)}.\nRows by key:\n  ${keyIdOf(1)}: 4 rows\n`,
      })
    })

    it('is recorded in the audit log', async () => {
      const source = await sourceOf()
      await fill(source, [], [1])

      await run(source, variableOf(1))
      await run(source, variableOf(1), '--off')

      const { stdout } = await runHere(['audit', '--json'], source.env)
      const acts = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object)
      expect(acts).toMatchObject([
        { kind: 'decrypt', via: 'command', leads: 4 },
        { kind: 'encrypt', via: 'command', selector: { key: keyIdOf(1) }, leads: 2 },
      ])
    })

    it('encrypts all leads with a new key, and then the old one can be removed', async () => {
      const source = await sourceOf()
      await fill(source, [1], [2, 1])

      const { status, stdout } = await run(source, variableOf(2, 1), '--json')

      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toStrictEqual({
        key: keyIdOf(2),
        changed: 2,
        rows: { [keyIdOf(2)]: 4 },
        plain: 0,
        done: true,
      })
      const store = await source.open(2)
      expect(await store.outbox.find('parked-1')).toMatchObject({ lead: { email: 'parked-1@example.com' } })
      await store.close()
    })

    it('decrypts everything with --off, and then no key is needed', async () => {
      const source = await sourceOf()
      await fill(source, [1])

      const { status, stdout } = await run(source, variableOf(1), '--off')

      expect({ status, stdout }).toStrictEqual({
        status: 0,
        stdout: 'Decrypted 2 rows.\nRows by key:\n  not encrypted: 2 rows\n',
      })
      const store = await source.open()
      expect(await store.outbox.find('waiting-1')).toMatchObject({ lead: { email: 'waiting-1@example.com' } })
      await store.close()
    })

    it.each([
      ['without a key', undefined, 'FORM_SYNC_DATA_KEY is not set'],
      ['with a malformed key', 'short', 'FORM_SYNC_DATA_KEY: must be 32 bytes in base64'],
      ['without the old key', variableOf(2), `the data key ${keyIdOf(1)}, and FORM_SYNC_DATA_KEY has only`],
      ['before a relay has the new key', variableOf(2, 1), `no relay was started with the data key ${keyIdOf(2)} yet`],
    ])('changes nothing %s, and says what to do', async (_, key, message) => {
      const source = await sourceOf()
      await fill(source, [1])

      const { status, stdout, stderr } = await run(source, key)

      expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' })
      expect(stderr).toContain(message)
      const store = await source.open(1)
      expect(await store.outbox.find('waiting-1')).toMatchObject({ lead: { email: 'waiting-1@example.com' } })
      await store.close()
    })
  })
}

async function folderSource(): Promise<Source> {
  const folder = makeFolder()
  return {
    env: { FORM_SYNC_DATA: folder },
    open: (...keys) =>
      openStore({ limits: WIDE, marketo: MARKETO, dataKeys: keys.map(bytesOf) }, folder, (event) => {
        throw new Error(JSON.stringify(event))
      }),
  }
}

encrypting('a folder', folderSource)

it('form-sync encrypt --off refuses while a relay runs in the folder, which would go on encrypting', async () => {
  const source = await folderSource()
  const store = await source.open(1)

  const { status, stderr } = await runHere(['encrypt', '--off'], { ...source.env, FORM_SYNC_DATA_KEY: variableOf(1) })
  await store.close()

  expect(status).toBe(1)
  expect(stderr).toContain('Another relay uses the folder')
})

it('form-sync encrypt works while a relay runs in the folder', async () => {
  const source = await folderSource()
  await fill(source, [1])
  const store = await source.open(2, 1)

  const { status } = await runHere(['encrypt'], { ...source.env, FORM_SYNC_DATA_KEY: variableOf(2, 1) })

  expect(status).toBe(0)
  expect(await store.outbox.find('parked-1')).toMatchObject({ lead: { email: 'parked-1@example.com' } })
  await store.close()
})

it('form-sync encrypt says that a folder has no outbox', async () => {
  const { status, stderr } = await runHere(['encrypt', '--data', join(makeFolder(), 'none')], {
    FORM_SYNC_DATA_KEY: variableOf(1),
  })

  expect(status).toBe(2)
  expect(stderr).toContain('there is no outbox in')
})

withPostgres({}, (server) => {
  encrypting('a database', async () => {
    const url = await server.schema()
    return {
      env: { FORM_SYNC_DATABASE: url },
      open: (...keys) =>
        openStore({ limits: WIDE, marketo: MARKETO, dataKeys: keys.map(bytesOf), database: url }, '', () => {}),
    }
  })
})
