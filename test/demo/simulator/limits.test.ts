import { describe, expect, it } from 'vitest'
import { Limits } from '../../../demo/simulator/limits.ts'
import { message, openSimulator, START, type Answer, type SimulatorClient } from './simulator-client.ts'

describe('the rate limit', () => {
  it('is 100 calls in 20 seconds, and the next call is answered 20023 with Marketo’s text', async () => {
    const simulator = openSimulator()
    await send(simulator, 100)

    const answer = await simulator.sync({ email: 'late@acme.example' })

    expect(answer).toMatchObject({ status: 500, code: '20023' })
    expect(answer.body).toContain('<faultstring>20023 - Rate Limit Exceeded</faultstring>')
    expect(answer.body).toContain('<message>Rate limit exceeded (20023)</message>')
  })

  it('uses a sliding window of 20 seconds', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { ratePer20s: 2 })
    await send(simulator, 1)
    simulator.clock.now += 15_000
    await send(simulator, 1)

    simulator.clock.now += 4_999
    const before = await simulator.sync({ email: 'a@acme.example' })
    simulator.clock.now += 1
    const first = await simulator.sync({ email: 'a@acme.example' })
    const second = await simulator.sync({ email: 'a@acme.example' })

    expect([before.code, first.done, second.code]).toEqual(['20023', 'CREATED', '20023'])
  })

  it('does not count rejected calls, which only the daily quota counts, nor unauthenticated ones', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { ratePer20s: 1 })
    await simulator.post(message({ secretKey: 'another key' }))
    await send(simulator, 1)
    await simulator.sync({ email: 'late@acme.example' })

    simulator.clock.now += 20_000
    const answer = await simulator.sync({ email: 'late@acme.example' })

    expect(answer.done).toBe('CREATED')
    expect((await simulator.limits()).used).toEqual({ last20s: 1, now: 0, today: 3 })
  })

  it('stays correct over thousands of calls', () => {
    let now = START
    const limits = new Limits(() => now)
    limits.set({ ratePer20s: 1_000, daily: 1_000_000 })
    const rejected: string[] = []

    for (let second = 0; second < 600; second += 1) {
      for (let call = 0; call < 50; call += 1) {
        const fault = limits.enter()
        if (fault) rejected.push(fault)
        else limits.leave()
      }
      now += 1_000
    }

    expect(rejected).toEqual([])
    expect(limits.view().used).toEqual({ last20s: 950, now: 0, today: 30_000 })
  })
})

describe('the concurrency limit', () => {
  it('is 10 concurrent calls: the next is answered 20024 until one has ended', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ wait: () => gate.promise })
    await simulator.control('/sim/faults', { fault: 'slow', times: 10 })
    const slow = Array.from({ length: 10 }, (_, index) => simulator.sync({ email: `${index}@acme.example` }))
    await simulator.waitForActiveCalls(10)

    const rejected = await simulator.sync({ email: 'late@acme.example' })
    gate.resolve()
    const answers = await Promise.all(slow)
    const accepted = await simulator.sync({ email: 'late@acme.example' })

    expect([rejected.code, accepted.done]).toEqual(['20024', 'CREATED'])
    expect(answers.map(({ done }) => done)).toEqual(Array(10).fill('CREATED'))
    expect((await simulator.limits()).used.now).toBe(0)
  })
})

describe('the concurrency limit, for calls whose caller has disconnected', () => {
  it('counts them until their work is done', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ wait: () => gate.promise })
    await simulator.control('/sim/limits', { concurrency: 1 })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const caller = new AbortController()
    const abandoned = simulator.sync({ email: 'ana@acme.example' }, caller.signal)
    await simulator.waitForActiveCalls(1)

    caller.abort()
    const during = await simulator.sync({ email: 'eva@acme.example' })
    gate.resolve()
    await abandoned
    const after = await simulator.sync({ email: 'eva@acme.example' })

    expect([during.code, after.done]).toEqual(['20024', 'CREATED'])
  })
})

describe('the daily quota', () => {
  it('is 10,000 calls by default', async () => {
    const { limits } = openSimulator()

    expect(await limits()).toMatchObject({ ratePer20s: 100, concurrency: 10, daily: 10_000 })
  })

  it.each([
    ['after 25 hours when clocks are set back', '2026-11-01T05:00:00Z', '2026-11-02T06:00:00Z'],
    ['after 23 hours when clocks are set forward', '2027-03-14T06:00:00Z', '2027-03-15T05:00:00Z'],
  ])('resets %s', async (_, begins, ends) => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { daily: 2 })
    simulator.clock.now = Date.parse(begins)
    await send(simulator, 1)
    simulator.clock.now = Date.parse(ends) - 1
    await send(simulator, 1)

    const rejected = await simulator.sync({ email: 'late@acme.example' })
    simulator.clock.now += 1
    const accepted = await simulator.sync({ email: 'late@acme.example' })

    expect([rejected.code, accepted.done]).toEqual(['20015', 'CREATED'])
  })

  it('counts calls that rate or concurrency reject', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { daily: 4, ratePer20s: 1 })
    await send(simulator, 2)
    await simulator.control('/sim/limits', { ratePer20s: 100, concurrency: 0 })
    await send(simulator, 2)
    await simulator.control('/sim/limits', { concurrency: 10 })

    const [answer] = await send(simulator, 1)

    expect(answer?.code).toBe('20015')
    expect((await simulator.limits()).used.today).toBe(4)
  })

  it.each([
    ['06:00 UTC in standard time', '2026-11-24T05:59:59Z'],
    ['05:00 UTC in daylight saving time', '2027-07-02T04:59:59Z'],
  ])('resets at midnight US Central, which is %s; until then calls are answered 20015', async (_, lastSecond) => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { daily: 1 })
    simulator.clock.now = Date.parse(lastSecond)
    await send(simulator, 1)

    const rejected = await simulator.sync({ email: 'late@acme.example' })
    simulator.clock.now += 1_000
    const accepted = await simulator.sync({ email: 'late@acme.example' })

    expect([rejected.code, accepted.done]).toEqual(['20015', 'CREATED'])
  })
})

describe('/sim/limits', () => {
  it('changes the given limits and keeps the others', async () => {
    const simulator = openSimulator()

    const response = await simulator.control('/sim/limits', { concurrency: 3 })

    expect(await response.json()).toEqual({
      ratePer20s: 100,
      concurrency: 3,
      daily: 10_000,
      used: { last20s: 0, now: 0, today: 0 },
    })
  })

  it('accepts 0, which rejects every call', async () => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { concurrency: 0 })

    const answer = await simulator.sync({ email: 'ana@acme.example' })

    expect(answer.code).toBe('20024')
  })
})

async function send(simulator: SimulatorClient, calls: number): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let call = 0; call < calls; call += 1)
    answers.push(await simulator.sync({ foreignId: 'F', foreignType: 'SFDC' }))
  return answers
}
