/** The store of a relay on Node, and what it logs. */
import { expect, it, onTestFinished } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { makeFolder } from '../../../support/folder.ts'
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
