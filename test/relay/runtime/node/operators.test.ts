/** Operators of a relay on Node: tokens of their own, and a network that guesses one. */
import { expect, it } from 'vitest'
import { startNodeRelay } from '../../../support/node-relay.ts'
import { OPERATOR } from '../../../support/operator.ts'

const TOKEN = 'token-of-ana-who-may-look'
const OPERATORS = JSON.stringify([{ name: 'ana', role: 'look', token: TOKEN }])

/** Starts a relay behind one proxy, and returns what asks it from an address. */
async function start(env: Record<string, string> = {}) {
  const relay = await startNodeRelay({
    env: { FORM_SYNC_OPERATORS: OPERATORS, FORM_SYNC_TRUSTED_PROXIES: '1', ...env },
  })
  const ask = async (token: string, address: string, path = '/v1/parked') =>
    (
      await fetch(relay.url + path, {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address },
      })
    ).status
  return { ...relay, ask }
}

it('a relay takes the tokens of its operators, each with its role, and the one without a name', async () => {
  const { ask } = await start()

  expect([
    await ask(TOKEN, '203.0.113.7'),
    await ask(TOKEN, '203.0.113.7', '/v1/parked?values=1'),
    await ask(OPERATOR.FORM_SYNC_CONSOLE_TOKEN, '203.0.113.7', '/v1/parked?values=1'),
  ]).toEqual([200, 403, 200])
})

it('a relay needs no token without a name where its operators have their own', async () => {
  const { ask } = await start({ FORM_SYNC_CONSOLE_TOKEN: '' })

  expect([await ask(TOKEN, '203.0.113.7'), await ask('another-token', '203.0.113.7')]).toEqual([200, 401])
})

it('a network that has sent 20 wrong tokens is slowed down, and no other one', async () => {
  const { ask, events } = await start()

  const guesses: number[] = []
  for (let guess = 0; guess < 20; guess += 1) guesses.push(await ask(`guess-${guess}`, '203.0.113.7'))

  expect(new Set(guesses)).toEqual(new Set([401]))
  expect(await ask(TOKEN, '203.0.113.7')).toBe(429)
  expect(await ask(TOKEN, '198.51.100.9')).toBe(200)
  expect(await ask('guess', '10.0.0.1')).toBe(401)
  expect(events).toContainEqual({ event: 'refused', code: 'key' })
  expect(events).toContainEqual({ event: 'refused', code: 'rate' })
})

it('the network of a proxy is never slowed down, because all come from it', async () => {
  const { ask } = await start()
  for (let guess = 0; guess < 25; guess += 1) await ask(`guess-${guess}`, '10.0.0.1')

  expect(await ask(TOKEN, '10.0.0.1')).toBe(200)
})
