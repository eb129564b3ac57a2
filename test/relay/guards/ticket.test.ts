import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTickets, TICKET_MS } from '../../../relay/guards/ticket.ts'
import { ACME, NOW } from '../../support/relay.ts'

const KEY = 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5'
/** The reason why a ticket does not count that was made by or for somebody else. */
const OTHER = 'it is not for this form and the origin of this page'

const OTHER_KEY = 'Zk8s2nT4wQ1xV6yB9eR3uI5oP7aS0dFg'

/** Returns tickets at a time that a test may change. */
function tickets(...keys: string[]) {
  const clock = { now: NOW }
  let byte = 0
  const randomBytes = (length: number) => new Uint8Array(length).fill(byte++)
  return { clock, ...createTickets({ keys: keys.length > 0 ? keys : [KEY], now: () => clock.now, randomBytes }) }
}

describe('tickets', () => {
  it('are valid for the form and the origin that they were issued for, for an hour', async () => {
    const { clock, issue, check } = tickets()
    const ticket = await issue('contact', ACME)

    clock.now = NOW + TICKET_MS

    expect(await check(ticket, 'contact', ACME)).toEqual({ ok: true, nonce: '0'.repeat(24), issuedAt: NOW })
  })

  it('have a nonce each', async () => {
    const { issue } = tickets()

    expect(await issue('contact', ACME)).not.toBe(await issue('contact', ACME))
  })

  it('are signed by HMAC-SHA-256 over form, time, nonce and origin', async () => {
    const { issue } = tickets()

    const [issued, nonce, signature] = (await issue('contact', ACME)).split('.')

    const message = ['ticket', 'contact', issued, nonce, ACME].join('\n')
    expect(signature).toBe(createHmac('sha256', KEY).update(message).digest('hex'))
  })

  it.each([
    ['no ticket', () => undefined, 'none was sent'],
    ['an empty one', () => '', 'none was sent'],
    ['another text', () => 'abc', 'it is broken'],
    ['one with more at its end', (ticket: string) => `${ticket}0`, 'it is broken'],
    ['another time of issue', (ticket: string) => ticket.replace(/^./, '9'), OTHER],
    ['another nonce', (ticket: string) => ticket.replace('.0', '.1'), OTHER],
    ['another signature', (ticket: string) => ticket.replace(/.$/, (last) => (last === '0' ? '1' : '0')), OTHER],
  ])('are not valid with %s', async (_, change, reason) => {
    const { issue, check } = tickets()

    const ticket = change(await issue('contact', ACME))

    expect(await check(ticket, 'contact', ACME)).toEqual({ ok: false, reason })
  })

  it.each([
    ['another form', 'plain', ACME],
    ['another origin', 'contact', 'https://evil.example'],
    ['no origin', 'contact', undefined],
    ['an origin that runs on', 'contact', `${ACME}\n`],
  ])('are not valid for %s', async (_, form, origin) => {
    const { issue, check } = tickets()

    expect(await check(await issue('contact', ACME), form, origin)).toEqual({ ok: false, reason: OTHER })
  })

  it('are not valid after an hour', async () => {
    const { clock, issue, check } = tickets()
    const ticket = await issue('contact', ACME)

    clock.now = NOW + TICKET_MS + 1

    expect(await check(ticket, 'contact', ACME)).toEqual({ ok: false, reason: 'it is older than an hour' })
  })

  it('of another relay count while its clock is up to a minute ahead', async () => {
    const { clock, issue, check } = tickets()
    const ticket = await issue('contact', ACME)

    clock.now = NOW - 60_000
    expect(await check(ticket, 'contact', ACME)).toMatchObject({ ok: true })
    clock.now = NOW - 60_001
    expect(await check(ticket, 'contact', ACME)).toMatchObject({ ok: false })
  })

  it('are valid by each of two keys, and signed by the first one', async () => {
    const old = await tickets(KEY).issue('contact', ACME)
    const both = tickets(OTHER_KEY, KEY)

    expect(await both.check(old, 'contact', ACME)).toMatchObject({ ok: true })
    expect(await tickets(OTHER_KEY).check(await both.issue('contact', ACME), 'contact', ACME)).toMatchObject({
      ok: true,
    })
    expect(await tickets(OTHER_KEY).check(old, 'contact', ACME)).toEqual({ ok: false, reason: OTHER })
  })
})
