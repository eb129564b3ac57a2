/** The transport of an object, whose code is loaded with the first call. */
import { expect, it, vi } from 'vitest'
import { createDispatcher, type Lead, type LogEvent, type Transport } from '../../../../relay/index.ts'
import { lazyTransport, loadTransport } from '../../../../relay/runtime/cloudflare/lazy-transport.ts'
import { createMemoryOutbox } from '../../../oracle/memory-outbox.ts'
import { lead } from '../../../suites/outbox/leads.ts'
import { SOON } from '../../delivery/start-dispatcher.ts'
import { NOW } from '../../../support/relay.ts'

const DELIVERED = { kind: 'delivered', leadId: 700_123 } as const
const CALLS: Pick<Transport, 'deliver' | 'associate' | 'probe'> = {
  deliver: async (leads: readonly Lead[]) => leads.map(() => DELIVERED),
  associate: async () => DELIVERED,
  probe: async () => true,
}
const LEAD = lead('a', { acceptedAt: NOW })
const OWED = { id: 'a', leadId: 700_123, email: 'ana@acme.example', cookie: 'id:123-ABC-456&token:t', acceptedAt: NOW }
const NOT_LOADED = {
  kind: 'failed',
  fault: 'account',
  arrived: 'no',
  reason: 'the transport could not be loaded (SyntaxError)',
}

it('calls that start together load the transport once, and nothing loads it before', async () => {
  const load = vi.fn(async () => CALLS)
  const transport = lazyTransport(load)
  const before = load.mock.calls.length

  const answers = await Promise.all([
    transport.deliver([LEAD, LEAD]),
    transport.associate(OWED),
    transport.probe(1_000),
  ])
  await transport.deliver([LEAD])

  expect(before).toBe(0)
  expect(answers).toEqual([[DELIVERED, DELIVERED], DELIVERED, true])
  expect(load).toHaveBeenCalledTimes(1)
})

it('while the transport cannot be loaded nothing is sent, and each call tries to load it again', async () => {
  const load = vi.fn(async () => CALLS).mockRejectedValueOnce(new SyntaxError('a lead’s address'))
  const transport = lazyTransport(load)

  const failed = await Promise.all([transport.deliver([LEAD, LEAD]), transport.associate(OWED), transport.probe(1_000)])
  const answer = await transport.deliver([LEAD])

  expect(failed).toEqual([[NOT_LOADED, NOT_LOADED], NOT_LOADED, false])
  expect(answer).toEqual([DELIVERED])
})

it('a lead whose transport could not be loaded waits for the alarm, and is then delivered', async () => {
  const outbox = createMemoryOutbox()
  const events: LogEvent[] = []
  let now = NOW
  const wakeAt = vi.fn<(time: number | undefined) => void>()
  const load = vi.fn(async () => CALLS).mockRejectedValueOnce(new SyntaxError('no module'))
  const log = (event: LogEvent) => void events.push(event)
  const dispatcher = createDispatcher({
    outbox,
    transport: lazyTransport(load),
    now: () => now,
    random: () => 1,
    wakeAt,
    log,
  })
  await outbox.add([LEAD], NOW)

  dispatcher.wake()
  await vi.waitFor(() => expect(events).toMatchObject([{ event: 'outage', reason: NOT_LOADED.reason }]), SOON)
  const waiting = await outbox.find('a')

  expect(waiting).toMatchObject({ state: 'waiting' })
  await vi.waitFor(async () => {
    now = Math.max(now, wakeAt.mock.lastCall?.[0] ?? now)
    dispatcher.wake()
    expect(await outbox.find('a')).toMatchObject({ state: 'delivered' })
  }, SOON)
})

it.each([
  ['rest', { transport: 'rest', endpoint: 'https://m.example/rest', clientId: 'c', clientSecret: 's' }],
  ['soap', { endpoint: 'https://m.example/soap', userId: 'u', secretKey: 'k' }],
])('the transport of an account of %s is its own', async (name, account) => {
  const options = { fetch, now: Date.now, timeout: 1_000 }

  const transport = await loadTransport(account as Parameters<typeof loadTransport>[0], options)

  expect(transport.name).toBe(name)
})
