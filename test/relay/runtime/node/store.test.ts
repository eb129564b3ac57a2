/** The store of a relay on Node, and what it logs. */
import { expect, it, onTestFinished } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { keyIdOf } from '../../../support/data-keys.ts'
import { makeFolder } from '../../../support/folder.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { lead, T, WIDE } from '../../../suites/outbox/leads.ts'

const MARKETO = { endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1', userId: 'u', secretKey: 'k' }

it('logs once that an id was used before with another content, with both ids and no personal data', async () => {
  const events: LogEvent[] = []
  const store = await openStore({ limits: WIDE, marketo: MARKETO }, makeFolder(), (event) => events.push(event))
  onTestFinished(() => store.close())

  for (const form of ['contact', 'demo', 'demo', 'contact']) await store.outbox.add([lead('a', { form })], T)

  const stored = await store.outbox.list('waiting', 10)
  const storedAs = stored.find(({ form }) => form === 'demo')?.id
  expect(events).toStrictEqual([{ event: 'id-reused', id: 'a', form: 'demo', storedAs }])
})

/** Opens a store of two accounts, stores leads in both, and returns the number of those that wait by form. */
async function waitingIn(database?: string): Promise<Record<string, number>> {
  const own = { limits: WIDE, marketo: MARKETO }
  const accounts = new Map([
    ['default', own],
    ['sandbox', own],
  ])
  const store = await openStore({ ...own, accounts, ...(database && { database }) }, makeFolder(), () => {})
  onTestFinished(() => store.close())
  await store.outbox.add([lead('a', { form: 'contact' }), lead('b', { form: 'demo', hold: 'a guard' })], T)
  await store.accounts.get('sandbox')!.outbox.add([lead('c', { form: 'contact' }), lead('d', { form: 'trial' })], T)
  return Object.fromEntries(await store.waiting())
}

const WAITING = { contact: 2, demo: 0, trial: 1 }

it('counts the waiting leads of each form in all accounts of a file', async () => {
  expect(await waitingIn()).toEqual(WAITING)
})

it('does not open a folder with another data key, says which one is missing, and leaves the file as it is', async () => {
  const folder = makeFolder()
  const config = { limits: WIDE, marketo: MARKETO }
  const first = await openStore({ ...config, dataKeys: [new Uint8Array(32).fill(1)] }, folder, () => {})
  await first.outbox.add([lead('a')], T)
  await first.close()

  const opening = openStore({ ...config, dataKeys: [new Uint8Array(32).fill(2)] }, folder, () => {})

  await expect(opening).rejects.toThrow(
    new RegExp(
      `outbox.sqlite cannot be used: leads in the outbox are encrypted with the data key ${keyIdOf(1)}, .* It was left as it is[.]$`,
    ),
  )
  const again = await openStore({ ...config, dataKeys: [new Uint8Array(32).fill(1)] }, folder, () => {})
  onTestFinished(() => again.close())
  expect(await again.outbox.find('a')).toMatchObject({ state: 'waiting', lead: { email: 'a@example.com' } })
})

withPostgres({}, (server) => {
  it('counts the waiting leads of each form in all accounts of a database', async () => {
    expect(await waitingIn(await server.schema())).toEqual(WAITING)
  })
})
