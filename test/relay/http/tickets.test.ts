import { describe, expect, it } from 'vitest'
import { ACME, keptLead, NOW, post } from '../../support/relay.ts'
import { robotsRelay, SHOP } from '../../support/robots-relay.ts'

const ANA = { Email: 'ana@acme.example' }
const ID = '0193573a-1c00-7000-8000-0123456789ab'
const OTHER_ID = '0193573a-1c00-7000-8000-0123456789ac'
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
const SECOND = 1_000

type TestRelay = ReturnType<typeof robotsRelay>

function ask(
  { app }: TestRelay,
  path = '/f/ticket/ticket',
  headers: Record<string, string> = { origin: ACME },
  method = 'GET',
) {
  return app.request(path, { method, headers })
}

/** Returns a ticket as a page gets it. */
async function ticketFrom(relay: TestRelay, origin = ACME, path = '/f/ticket/ticket'): Promise<string> {
  const { ticket } = (await (await ask(relay, path, { origin })).json()) as { ticket: string }
  return ticket
}

/** Posts the form `ticket`, which has the cookie of a visitor. */
function send({ app }: TestRelay, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return post(app, { ...ANA, _visitor: COOKIE, ...fields }, headers, '/f/ticket')
}

describe('GET /f/<form>/ticket', () => {
  it('gives a page of the form a ticket that no cache may keep', async () => {
    const response = await ask(robotsRelay())

    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ACME,
      'cache-control': 'no-store',
      'content-type': 'application/json',
      vary: 'origin',
    })
    expect(await response.json()).toEqual({
      ticket: expect.stringMatching(/^[0-9a-z]+\.[0-9a-f]{24}\.[0-9a-f]{64}$/) as string,
    })
  })

  it.each(['plain', 'turnstile'])('says to a page of the form %s that it needs nothing', async (form) => {
    const response = await ask(robotsRelay(), `/f/${form}/ticket`)

    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe(ACME)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('gives the form with work a challenge of its own each time', async () => {
    const relay = robotsRelay()

    const [first, second] = (await Promise.all(
      [1, 2].map(async () => (await ask(relay, '/f/altcha/ticket')).json()),
    )) as { challenge: { parameters: { nonce: string; data: unknown } } }[]

    expect(first!.challenge.parameters.data).toEqual({ form: 'altcha', origin: ACME, at: NOW })
    expect(first!.challenge.parameters.nonce).not.toBe(second!.challenge.parameters.nonce)
  })

  it.each([
    ['a page of another origin', '/f/ticket/ticket', { origin: 'https://evil.example' }, 403],
    ['a program', '/f/ticket/ticket', {}, 403],
    ['a page of a form that does not exist', '/f/other/ticket', { origin: ACME }, 404],
  ])('gives nothing to %s, and a page can read why', async (_, path, headers: Record<string, string>, status) => {
    const response = await ask(robotsRelay(), path, headers)

    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('"ticket"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('access-control-allow-origin')).toBe(headers.origin ?? null)
  })

  it('takes no other method', async () => {
    const response = await ask(robotsRelay(), undefined, undefined, 'POST')

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET')
  })

  it.each([
    ['the page of another origin', 'ticket', { origin: 'https://evil.example' }, 'GET', 'origin'],
    ['a program', 'ticket', {}, 'GET', 'origin'],
    ['a page of a form that does not exist', 'other', { origin: ACME }, 'GET', 'form'],
    ['another method', 'ticket', { origin: ACME }, 'POST', 'method'],
  ])('counts %s as refused', async (_, form, headers: Record<string, string>, method, code) => {
    const relay = robotsRelay()

    await ask(relay, `/f/${form}/ticket`, headers, method)

    expect(relay.events).toEqual([{ event: 'refused', form, code, ...headers }])
  })

  it('counts no page of the form as refused', async () => {
    const relay = robotsRelay()

    await ask(relay)

    expect(relay.events).toEqual([])
  })
})

describe('a post with a ticket', () => {
  it('keeps the cookie of its visitor, and no rule fires', async () => {
    const relay = robotsRelay()
    const _ticket = await ticketFrom(relay)
    relay.clock.now += SECOND

    const lead = await keptLead(relay.outbox, await send(relay, { _ticket }))

    expect(lead.cookie).toBe(COOKIE)
    expect(lead).not.toHaveProperty('weak')
    expect(relay.findings.counts()).toEqual([])
  })

  it('may be sent again with it, by the same id and content', async () => {
    const relay = robotsRelay()
    const _ticket = await ticketFrom(relay)
    relay.clock.now += SECOND

    await send(relay, { _ticket, _id: ID })
    const again = await send(relay, { _ticket, _id: ID })

    expect(await again.json()).toEqual({ ok: true, id: ID })
    expect(relay.findings.counts()).toEqual([])
    expect(await relay.outbox.status(NOW)).toMatchObject({ waiting: 1 })
  })

  it('that comes less than a second after its ticket meets the rule too-fast alone, and keeps its cookie', async () => {
    const relay = robotsRelay()
    const _ticket = await ticketFrom(relay)
    relay.clock.now += SECOND - 1

    const lead = await keptLead(relay.outbox, await send(relay, { _ticket }))

    expect(relay.findings.counts()).toMatchObject([{ form: 'ticket', rule: 'too-fast', watched: 1 }])
    expect(lead.cookie).toBe(COOKIE)
  })
})

describe('a post without a valid ticket', () => {
  /** Makes an attack, and returns the leads that were stored with the mark of weak evidence. */
  async function weakLeadsOf(attack: (relay: TestRelay) => Promise<Response>) {
    const relay = robotsRelay()
    const response = await attack(relay)
    expect(response.status).toBe(202)
    expect(relay.findings.counts()).toMatchObject([{ form: 'ticket', rule: 'ticket', watched: 1 }])
    return (await relay.outbox.list('waiting', 10)).map(({ lead }) => lead!).filter(({ weak }) => weak)
  }

  it.each<[string, (relay: TestRelay) => Promise<Response>]>([
    ['a program that takes over an identity by its cookie', (relay) => send(relay, {})],
    [
      'a page of another origin of the form that has stolen one',
      async (relay) => {
        const _ticket = await ticketFrom(relay, ACME)
        relay.clock.now += SECOND
        return send(relay, { _ticket }, { origin: SHOP })
      },
    ],
    [
      'a robot that uses one for a second person',
      async (relay) => {
        const _ticket = await ticketFrom(relay)
        relay.clock.now += SECOND
        await send(relay, { _ticket, _id: ID })
        return send(relay, { _ticket, _id: OTHER_ID, Email: 'bob@acme.example' })
      },
    ],
    [
      'a robot that uses one for many leads with one id',
      async (relay) => {
        const _ticket = await ticketFrom(relay)
        relay.clock.now += SECOND
        await send(relay, { _ticket, _id: ID })
        return send(relay, { _ticket, _id: ID, first: 'Bob' })
      },
    ],
    [
      'a page that stood open for longer than an hour',
      async (relay) => {
        const _ticket = await ticketFrom(relay)
        relay.clock.now += 3_601 * SECOND
        return send(relay, { _ticket })
      },
    ],
    ['a robot that makes one up', (relay) => send(relay, { _ticket: `mi.${'0'.repeat(24)}.${'0'.repeat(64)}` })],
  ])('is taken without its cookie: %s', async (_, attack) => {
    const [lead, ...others] = await weakLeadsOf(attack)

    expect(lead).not.toHaveProperty('cookie')
    expect(lead!.notes).toContain('cookie left out: weak evidence (ticket)')
    expect(others).toEqual([])
  })

  it('is held by "ticket": "hold", with a reason', async () => {
    const relay = robotsRelay({ rules: { ticket: 'hold' } })

    const lead = await keptLead(relay.outbox, await send(relay, {}))

    expect(lead.hold).toBe('ticket: no valid ticket: none was sent')
  })

  it('is that of a page without script, which is never refused', async () => {
    const response = await send(robotsRelay(), {}, { accept: 'text/html' })

    expect(response.status).toBe(202)
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  it('of a form without tickets meets no rule', async () => {
    const relay = robotsRelay()

    await post(relay.app, { ...ANA, _visitor: COOKIE }, {}, '/f/plain')

    expect(relay.findings.counts()).toEqual([])
  })
})
