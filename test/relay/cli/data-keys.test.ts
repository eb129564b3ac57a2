/** The commands on an encrypted folder and an encrypted database. */
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../relay/runtime/node/store.ts'
import { runHere } from '../../support/command-here.ts'
import { keyIdOf, variableOf } from '../../support/data-keys.ts'
import { makeFolder } from '../../support/folder.ts'
import { withPostgres } from '../../support/postgres.ts'
import { lead, park, T, WIDE } from '../../suites/outbox/leads.ts'

const MARKETO = { endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1', userId: 'u', secretKey: 'k' }
const KEYS = [new Uint8Array(32).fill(1)]

/** Fills an encrypted store with a parked lead and one that waits, as a relay leaves it that was stopped. */
async function fill(folder: string, database?: string): Promise<void> {
  const config = { limits: WIDE, marketo: MARKETO, dataKeys: KEYS, ...(database !== undefined && { database }) }
  const store = await openStore(config, folder, () => {})
  await park(store.outbox, [lead('parked')])
  await store.outbox.add([lead('waiting', { email: 'ana@spam.example' })], T)
  await store.close()
}

function commands(where: string, fillSource: () => Promise<Record<string, string>>): void {
  describe(`commands on ${where} that is encrypted`, () => {
    const run = (words: string[], source: Record<string, string>, key: string | undefined) =>
      runHere(words, { ...source, ...(key !== undefined && { FORM_SYNC_DATA_KEY: key }) })

    it.each([
      [['parked', '--values'], 'parked@example.com'],
      [['parked', '--json', '--values'], 'parked@example.com'],
      [['waiting', '--by', 'domain'], 'spam.example'],
      [['discard', '--domain', 'spam.example'], 'Would remove 1 lead'],
      [['export'], 'ana@spam.example'],
      [['replay', '--all', '--dry-run'], '1 lead'],
    ])('%j reads it with its key', async (words, printed) => {
      const { status, stdout } = await run(words, await fillSource(), variableOf(2, 1))

      expect({ status, stdout }).toStrictEqual({ status: 0, stdout: expect.stringContaining(printed) as string })
    })

    it.each([
      ['no key', undefined, `set FORM_SYNC_DATA_KEY to the data keys ${keyIdOf(1)}`],
      ['another key', variableOf(2), `the data key ${keyIdOf(1)}, and FORM_SYNC_DATA_KEY has only ${keyIdOf(2)}`],
      ['a malformed key', 'secret-but-short', 'FORM_SYNC_DATA_KEY: must be 32 bytes in base64'],
    ])('end with exit code 2 with %s, and print no value', async (_, key, message) => {
      const source = await fillSource()

      for (const command of ['parked', 'export', 'waiting']) {
        const { status, stdout, stderr } = await run([command], source, key)

        expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' })
        expect(stderr).toContain(message)
        expect(stderr).not.toMatch(/example\.com|secret-but-short/)
      }
    })
  })
}

commands('a folder', async () => {
  const folder = makeFolder()
  await fill(folder)
  return { FORM_SYNC_DATA: folder }
})

withPostgres({}, (server) => {
  commands('a database', async () => {
    const url = await server.schema()
    await fill('', url)
    return { FORM_SYNC_DATABASE: url }
  })
})
