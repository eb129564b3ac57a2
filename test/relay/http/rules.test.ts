import { expect, it, vi } from 'vitest'
import { honeypot } from '../../../relay/guards/honeypot.ts'
import { createCapacity } from '../../../relay/guards/capacity.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import type { Lead } from '../../../relay/intake/lead.ts'
import { keptLead, NOW, post, relayUnderTest } from '../../support/relay.ts'
import { screenUnderTest } from '../../support/screen.ts'
import type { Screen } from '../../../relay/guards/screen.ts'

const ANA = { Email: 'ana@acme.example' }
const ID = '0193573a-1c00-7000-8000-0123456789ab'
const OTHER_ID = '0193573a-1c00-7000-8000-0123456789ac'

const DROP_ALL: Screen = async ({ lead }) => ({ lead, isDropped: true })

it('a robot that fills in the hidden field gets the reply of a visitor, and its lead is held', async () => {
  const outbox = createMemoryOutbox()
  const { app } = relayUnderTest({ outbox, screen: screenUnderTest([honeypot], outbox).screen })

  const robot = await post(app, { ...ANA, _id: ID, _gotcha: 'https://spam.example' })
  const visitor = await post(app, { ...ANA, _id: OTHER_ID, _gotcha: ' ' })

  expect(robot.status).toBe(202)
  expect([...robot.headers]).toEqual([...visitor.headers])
  expect((await keptLead(outbox, robot)).hold).toBe('honeypot: the hidden field _gotcha is filled in')
  expect(await outbox.status(NOW)).toMatchObject({ waiting: 1, held: 1 })
})

it.each([
  ['as JSON', { accept: 'application/json' }],
  ['as a page', { accept: 'text/html' }],
])('a post that is dropped gets the bytes and headers of one that is kept, %s', async (_, accept) => {
  const [keeping, dropping] = [relayUnderTest(), relayUnderTest({ screen: DROP_ALL })]

  const kept = await post(keeping.app, { ...ANA, _id: ID }, accept)
  const dropped = await post(dropping.app, { ...ANA, _id: ID }, accept)

  expect(dropped.status).toBe(kept.status)
  expect([...dropped.headers]).toEqual([...kept.headers])
  expect(await dropped.text()).toBe(await kept.text())
  expect(await dropping.outbox.status(NOW)).toMatchObject({ waiting: 0, held: 0 })
  expect(dropping.woken()).toBe(keeping.woken())
  expect(dropping.events).toEqual([])
})

it('a post that is dropped waits for the write of the store like any other', async () => {
  const write = Promise.withResolvers<void>()
  const added: (readonly Lead[])[] = []
  const add = (leads: readonly Lead[]) => {
    added.push(leads)
    return write.promise
  }
  const { app } = relayUnderTest({ outbox: { ...createMemoryOutbox(), add }, screen: DROP_ALL })

  let isAnswered = false
  const reply = post(app, ANA).finally(() => (isAnswered = true))
  await vi.waitFor(() => expect(added).toMatchObject([[{ email: ANA.Email, drop: true }]]))
  await new Promise(setImmediate)

  expect(isAnswered).toBe(false)
  write.resolve()
  expect((await reply).status).toBe(202)
})

it('a post that is dropped is refused like any other while nothing can be stored', async () => {
  const memory = createMemoryOutbox()
  const outbox = { ...memory, add: () => Promise.reject(new Error('disk full')) }
  const { app } = relayUnderTest({ outbox, screen: DROP_ALL })

  expect((await post(app, ANA)).status).toBe(503)
})

it('a post that is dropped is refused like any other while the store is full, and takes no room', async () => {
  const outbox = createMemoryOutbox()
  const capacity = createCapacity({
    maxWaiting: 1,
    maxWaitingOf: () => undefined,
    maxWaitingPerSource: 100,
    isCounted: () => true,
    readWaiting: async () => new Map([['contact', (await outbox.status(NOW)).waiting]]),
    fullDisk: () => undefined,
    find: outbox.find,
    now: () => NOW,
  })
  const dropping = relayUnderTest({ outbox, capacity, screen: DROP_ALL })
  const keeping = relayUnderTest({ outbox, capacity })

  expect((await post(dropping.app, ANA)).status).toBe(202)
  expect((await post(keeping.app, ANA)).status).toBe(202)
  expect((await post(dropping.app, { Email: 'bob@acme.example' })).status).toBe(503)
})
