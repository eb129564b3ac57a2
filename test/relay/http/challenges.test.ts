import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TicketReply } from '../../../relay/protocol.ts'
import { SECRETS, startChallengeProvider, type ChallengeProvider } from '../../support/challenge-provider.ts'
import { ACME, keptLead, NOW, post } from '../../support/relay.ts'
import { robotsRelay, SHOP } from '../../support/robots-relay.ts'

const ANA = { Email: 'ana@acme.example' }
const ID = '0193573a-1c00-7000-8000-0123456789ab'
const OTHER_ID = '0193573a-1c00-7000-8000-0123456789ac'
const JUST_NOW = new Date(NOW - 5_000).toISOString()

type TestRelay = ReturnType<typeof robotsRelay>
type Task = NonNullable<TicketReply['challenge']>

/** Returns why the lead of the response is held; undefined if it is delivered. */
async function holdOf({ outbox }: TestRelay, response: Response): Promise<string | undefined> {
  expect(response.status).toBe(202)
  return (await keptLead(outbox, response)).hold
}

describe.each([
  { challenge: 'turnstile', field: 'cf-turnstile-response', used: 'timeout-or-duplicate' },
  { challenge: 'hcaptcha', field: 'h-captcha-response', used: 'already-seen-response' },
  { challenge: 'recaptcha', field: 'g-recaptcha-response', used: 'timeout-or-duplicate' },
] as const)('a form with $challenge', ({ challenge, field, used }) => {
  let provider: ChallengeProvider
  let tokens = 0
  beforeAll(async () => (provider = await startChallengeProvider()))
  afterAll(() => provider.close())
  beforeEach(() => {
    provider.mode = 'up'
    provider.calls.length = 0
  })

  /** Solves the challenge on a page, and returns the fields that its script adds to the form. */
  function solve(known: { hostname?: string; at?: string; score?: number } = {}): Record<string, string> {
    const token = `${challenge}-${tokens++}`
    provider.solve(token, { provider: challenge, hostname: 'www.acme.example', at: JUST_NOW, ...known })
    return { [field]: token }
  }

  const relayWith = (rules = {}) => robotsRelay({ fetch: provider.fetch, rules })
  const send = ({ app }: TestRelay, fields: Record<string, string>) =>
    post(app, { ...ANA, ...fields }, {}, `/f/${challenge}`)

  it('delivers a lead whose challenge was solved, and asks its provider for nothing but the answer', async () => {
    const relay = relayWith()
    const solved = solve()

    const response = await send(relay, solved)

    expect(await holdOf(relay, response)).toBeUndefined()
    expect(provider.calls).toEqual([{ secret: SECRETS[challenge], response: solved[field] }])
    expect((await keptLead(relay.outbox, response)).notes).toEqual([])
  })

  it('takes the answer as _challenge too', async () => {
    const relay = relayWith()

    expect(await holdOf(relay, await send(relay, { _challenge: solve()[field]! }))).toBeUndefined()
  })

  it('holds a lead without an answer, and asks nobody', async () => {
    const relay = relayWith()

    expect(await holdOf(relay, await send(relay, {}))).toBe('challenge: none was solved')
    expect(await holdOf(relay, await send(relay, { [field]: '', Email: 'b@acme.example' }))).toBe(
      'challenge: none was solved',
    )
    expect(await holdOf(relay, await send(relay, { [field]: 'x'.repeat(8_193), Email: 'c@acme.example' }))).toBe(
      'challenge: its answer is too long',
    )
    expect(provider.calls).toEqual([])
  })

  it('holds a lead with an answer that the provider does not know', async () => {
    const relay = relayWith()

    expect(await holdOf(relay, await send(relay, { [field]: 'made-up' }))).toBe('challenge: invalid-input-response')
    expect(relay.events.filter(({ event }) => event === 'challenge-unknown')).toEqual([])
  })

  it.each([
    ['on a page of another host', { hostname: 'evil.example' }, 'challenge: it was solved on a page of another host'],
    [
      'more than ten minutes ago',
      { at: new Date(NOW - 600_001).toISOString() },
      'challenge: it was solved more than ten minutes ago',
    ],
    ['with a low score', { score: 0.3 }, 'challenge: its score 0.3 is below 0.5'],
  ])('holds a lead whose challenge was solved %s', async (_, known, reason) => {
    const relay = relayWith()

    expect(await holdOf(relay, await send(relay, solve(known)))).toBe(reason)
  })

  it('lets an answer count once: for the same lead again, without another call, and for no other lead', async () => {
    const relay = relayWith()
    const solved = solve()

    await send(relay, { ...solved, _id: ID })
    const again = await send(relay, { ...solved, _id: ID })
    const other = await send(relay, { ...solved, _id: OTHER_ID, Email: 'bob@acme.example' })

    expect(await holdOf(relay, again)).toBeUndefined()
    expect(await holdOf(relay, other)).toBe('challenge: its answer was used for another lead')
    expect(provider.calls).toHaveLength(1)
  })

  it('lets an answer count once also after a restart: the provider knows it', async () => {
    const solved = solve()
    await send(relayWith(), solved)
    const restarted = relayWith()

    expect(await holdOf(restarted, await send(restarted, { ...solved, Email: 'bob@acme.example' }))).toBe(
      `challenge: ${used}`,
    )
  })

  it.each(['down', 503, 200] as const)(
    'holds each lead while the provider is out of order (%s), whatever the setting, and reports it once a minute',
    async (mode) => {
      provider.mode = mode
      for (const setting of ['hold', 'drop']) {
        const relay = relayWith({ challenge: setting })

        const held = await Promise.all(
          ['a', 'b'].map((name) => send(relay, { ...solve(), Email: `${name}@acme.example` })),
        )
        relay.clock.now += 60_000
        await send(relay, { ...solve(), Email: 'c@acme.example' })

        for (const response of held)
          expect(await holdOf(relay, response)).toMatch(`challenge: ${challenge} did not check`)
        expect(await relay.outbox.status(NOW)).toMatchObject({ held: 3, waiting: 0 })
        const reports = relay.events.filter(({ event }) => event === 'challenge-unknown')
        expect(reports).toHaveLength(2)
        expect(reports[0]).toMatchObject({ provider: challenge })
      }
    },
  )

  it('holds each lead while the secret is wrong, and says so to the operator', async () => {
    const variable = `FORM_SYNC_${challenge.toUpperCase()}_SECRET`
    const relay = robotsRelay({ fetch: provider.fetch, env: { [variable]: 'another-secret' } })

    expect(await holdOf(relay, await send(relay, solve()))).toBe(
      `challenge: ${challenge} did not check the answer: invalid-input-secret`,
    )
    expect(relay.events).toContainEqual({
      event: 'challenge-unknown',
      provider: challenge,
      reason: 'invalid-input-secret',
    })
    expect(JSON.stringify(relay.events)).not.toContain('another-secret')
  })

  it('answers a lead that is stored already as before, though its provider is down and its answer was used', async () => {
    const relay = relayWith({ challenge: 'drop' })
    const solved = solve()
    await send(relay, { ...solved, _id: ID })
    const restarted = robotsRelay({ fetch: provider.fetch, rules: { challenge: 'drop' }, outbox: relay.outbox })
    provider.mode = 'down'

    const again = await send(restarted, { ...solved, _id: ID })

    expect(await again.json()).toEqual({ ok: true, id: ID })
    expect(await relay.outbox.status(NOW)).toMatchObject({ waiting: 1, held: 0 })
  })

  it('drops by "drop" what has no answer, with the same reply', async () => {
    const relay = relayWith({ challenge: 'drop' })

    const sample = await send(relay, { _id: ID })
    const dropped = await send(relay, { _id: OTHER_ID, Email: 'bob@acme.example' })

    expect([...dropped.headers]).toEqual([...sample.headers])
    expect(await relay.outbox.status(NOW)).toMatchObject({ waiting: 0, held: 1 })
  })
})

describe('a form with a challenge by work', () => {
  async function taskFrom({ app }: TestRelay, origin = ACME): Promise<Task> {
    const response = await app.request('/f/altcha/ticket', { headers: { origin } })
    return ((await response.json()) as TicketReply).challenge!
  }

  async function solve(challenge: Task): Promise<{ challenge: Task; solution: object }> {
    return { challenge, solution: (await solveChallenge({ challenge, deriveKey }))! }
  }

  const send = ({ app }: TestRelay, answer: object, fields: Record<string, string> = {}, origin = ACME) =>
    post(app, { ...ANA, _challenge: btoa(JSON.stringify(answer)), ...fields }, { origin }, '/f/altcha')

  it('delivers a lead with a solution, and the same lead again, and no other one', async () => {
    const relay = robotsRelay()
    const solved = await solve(await taskFrom(relay))

    expect(await holdOf(relay, await send(relay, solved, { _id: ID }))).toBeUndefined()
    expect(await holdOf(relay, await send(relay, solved, { _id: ID }))).toBeUndefined()
    expect(await holdOf(relay, await send(relay, solved, { _id: OTHER_ID, Email: 'bob@acme.example' }))).toBe(
      'challenge: its answer was used for another lead',
    )
  })

  it('lets of two leads at once with one solution only one through', async () => {
    const relay = robotsRelay()
    const solved = await solve(await taskFrom(relay))

    await Promise.all(['a', 'b', 'c'].map((name) => send(relay, solved, { Email: `${name}@acme.example` })))

    expect(await relay.outbox.status(NOW)).toMatchObject({ waiting: 1, held: 2 })
  })

  it('holds a lead without a solution, with the reason', async () => {
    const relay = robotsRelay()

    const response = await post(relay.app, ANA, {}, '/f/altcha')

    expect(await holdOf(relay, response)).toBe('challenge: none was solved')
    expect(await keptLead(relay.outbox, response)).toMatchObject({ weak: true })
  })

  it('does not take a task that is easier than the one it gave', async () => {
    const relay = robotsRelay()
    const { parameters, ...signed } = await taskFrom(relay)

    const easier = await solve({ ...signed, parameters: { ...parameters, cost: 1 } })

    expect(await holdOf(relay, await send(relay, easier))).toBe('challenge: it was not signed by this relay')
  })

  it('does not take a wrong solution', async () => {
    const relay = robotsRelay()
    const challenge = await taskFrom(relay)

    const response = await send(relay, { challenge, solution: { counter: 1, derivedKey: '00'.repeat(32) } })

    expect(await holdOf(relay, response)).toBe('challenge: its answer is wrong')
  })

  it('does not take the solution of another page, or of an hour ago', async () => {
    const relay = robotsRelay()
    const solved = await solve(await taskFrom(relay, SHOP))

    expect(await holdOf(relay, await send(relay, solved))).toBe(
      'challenge: its answer is not for this form and the origin of this page',
    )
    relay.clock.now += 3_600_001
    expect(await holdOf(relay, await send(relay, solved, {}, SHOP))).toBe('challenge: it is older than an hour')
  })

  it.each([
    ['a text that is no base64', '%%%'],
    ['a text that is no JSON', btoa('solved')],
    ['null', btoa('null')],
    ['a list', btoa('[]')],
    ['a challenge without parameters', btoa('{"challenge":{},"solution":{}}')],
    ['no solution', btoa('{"challenge":{"parameters":{"nonce":"00","data":{}}}}')],
  ])('does not take %s', async (_, _challenge) => {
    const relay = robotsRelay()

    const response = await post(relay.app, { ...ANA, _challenge }, {}, '/f/altcha')

    expect(await holdOf(relay, response)).toBe('challenge: its answer is broken')
  })

  it.each([
    ['a signature of another type', (task: Task) => ({ ...task, signature: 7 })],
    ['a signature that looks like a text', (task: Task) => ({ ...task, signature: { length: 64 } })],
    ['a nonce of another type', (task: Task) => ({ ...task, parameters: { ...task.parameters, nonce: 'zz' } })],
    ['a signature without content', (task: Task) => ({ ...task, signature: '' })],
  ])('does not let a lead through for %s', async (_, change) => {
    const relay = robotsRelay()
    const { challenge, solution } = await solve(await taskFrom(relay))

    const hold = await holdOf(relay, await send(relay, { challenge: change(challenge), solution }))

    expect(hold).toMatch(/^challenge: (it was not signed by this relay|its answer is broken)$/)
    expect(relay.failures).toEqual([])
  })
})
