/** Calls that were never sent, from the outbox through the dispatcher and the SOAP transport. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { createDispatcher } from '../../../relay/delivery/dispatcher.ts'
import { createSoapTransport } from '../../../relay/marketo/soap/transport.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'
import { lead, SECOND, WIDE } from '../../suites/outbox/leads.ts'

it.each([
  ['D15: to a port that fetch blocks, an error without a code', new Error('bad port')],
  ['D16: for which no descriptor was left', Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })],
])('a call that was never sent is repeated within a second, not after its lease: %s', async (_, cause) => {
  const now = () => NOW
  const outbox = createMemoryOutbox(WIDE)
  const transport = createSoapTransport({
    userId: 'acme_1',
    secretKey: 'correct horse battery',
    endpoint: 'http://simulator.example/soap/mktows/3_1',
    now,
    fetch: () => Promise.reject(new TypeError('fetch failed', { cause })),
  })
  const dispatcher = createDispatcher({
    outbox,
    transport,
    now,
    random: () => 0.4,
    wakeAt: () => {},
    log: () => {},
    limits: WIDE,
  })
  onTestFinished(() => dispatcher.stop())
  await outbox.add([lead('ana')], NOW)

  dispatcher.wake()
  await vi.waitFor(async () => expect(await outbox.find('ana')).toHaveProperty('reason'))

  const next = await outbox.nextDueAt(NOW)
  expect(next).toBeLessThanOrEqual(NOW + SECOND)
  expect(await outbox.claim(next!, next! + SECOND, 1)).toHaveLength(1)
})
