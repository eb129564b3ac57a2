import { describe, expect, it } from 'vitest'
import { Limits } from '../../../demo/simulator/limits.ts'
import { message, openSimulator, START, type Answer, type SimulatorClient } from './simulator-client.ts'

describe('the rate', () => {
  it('is 100 calls in 20 seconds: the next is answered 20023, as Marketo words it', async () => {
    const simulator = openSimulator()
    await send(simulator, 100)

    const answer = await simulator.sync({ email: 'late@acme.example' })

    expect(answer).toMatchObject({ status: 500, code: '20023' })
    expect(answer.body).toContain('<faultstring>20023 - Rate Limit Exceeded</faultstring>')
    expect(answer.body).toContain('<message>Rate limit exceeded (20023)</message>')
  })

  it('counts any 20 seconds, not those of the clock', async () => {
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

  it('does not count what it refused, which the day does, nor calls that nobody may make, which nothing does', async () => {
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

  it('stays right over many thousand calls', () => {
    let now = START
    const limits = new Limits(() => now)
    limits.set({ ratePer20s: 1_000, daily: 1_000_000 })
    const refused: string[] = []

    for (let second = 0; second < 600; second += 1) {
      for (let call = 0; call < 50; call += 1) {
        const fault = limits.enter()
        if (fault) refused.push(fault)
        else limits.leave()
      }
      now += 1_000
    }

    expect(refused).toEqual([])
    expect(limits.view().used).toEqual({ last20s: 950, now: 0, today: 30_000 })
  })
})

describe('concurrency', () => {
  it('is 10 calls at once: the next is answered 20024, and a place is free again when one has ended', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ wait: () => gate.promise })
    await simulator.control('/sim/faults', { fault: 'slow', times: 10 })
    const slow = Array.from({ length: 10 }, (_, index) => simulator.sync({ email: `${index}@acme.example` }))
    await simulator.waitForActiveCalls(10)

    const refused = await simulator.sync({ email: 'late@acme.example' })
    gate.resolve()
    const answers = await Promise.all(slow)
    const letIn = await simulator.sync({ email: 'late@acme.example' })

    expect([refused.code, letIn.done]).toEqual(['20024', 'CREATED'])
    expect(answers.map(({ done }) => done)).toEqual(Array(10).fill('CREATED'))
    expect((await simulator.limits()).used.now).toBe(0)
  })
})

describe('concurrency, of calls that nobody waits for', () => {
  it('counts them until their work is done', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ wait: () => gate.promise })
    await simulator.control('/sim/limits', { concurrency: 1 })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const caller = new AbortController()
    const given = simulator.sync({ email: 'ana@acme.example' }, caller.signal)
    await simulator.waitForActiveCalls(1)

    caller.abort()
    const during = await simulator.sync({ email: 'eva@acme.example' })
    gate.resolve()
    await given
    const after = await simulator.sync({ email: 'eva@acme.example' })

    expect([during.code, after.done]).toEqual(['20024', 'CREATED'])
  })
})

describe('the day', () => {
  it('has 10,000 calls unless something else is said', async () => {
    const { limits } = openSimulator()

    expect(await limits()).toMatchObject({ ratePer20s: 100, concurrency: 10, daily: 10_000 })
  })

  it.each([
    ['25 hours after it began, when clocks are set back', '2026-11-01T05:00:00Z', '2026-11-02T06:00:00Z'],
    ['23 hours after it began, when clocks are set forward', '2027-03-14T06:00:00Z', '2027-03-15T05:00:00Z'],
  ])('ends %s', async (_, begins, ends) => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { daily: 2 })
    simulator.clock.now = Date.parse(begins)
    await send(simulator, 1)
    simulator.clock.now = Date.parse(ends) - 1
    await send(simulator, 1)

    const refused = await simulator.sync({ email: 'late@acme.example' })
    simulator.clock.now += 1
    const letIn = await simulator.sync({ email: 'late@acme.example' })

    expect([refused.code, letIn.done]).toEqual(['20015', 'CREATED'])
  })

  it('is used up also by calls that rate and concurrency refuse', async () => {
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
    ['in winter, when midnight US Central is 06:00 UTC', '2026-11-24T05:59:59Z'],
    ['in summer, when it is 05:00 UTC', '2027-07-02T04:59:59Z'],
  ])('ends at midnight US Central %s; until then 20015', async (_, lastSecond) => {
    const simulator = openSimulator()
    await simulator.control('/sim/limits', { daily: 1 })
    simulator.clock.now = Date.parse(lastSecond)
    await send(simulator, 1)

    const refused = await simulator.sync({ email: 'late@acme.example' })
    simulator.clock.now += 1_000
    const letIn = await simulator.sync({ email: 'late@acme.example' })

    expect([refused.code, letIn.done]).toEqual(['20015', 'CREATED'])
  })
})

describe('/sim/limits', () => {
  it('sets what is named and leaves the rest', async () => {
    const simulator = openSimulator()

    const response = await simulator.control('/sim/limits', { concurrency: 3 })

    expect(await response.json()).toEqual({
      ratePer20s: 100,
      concurrency: 3,
      daily: 10_000,
      used: { last20s: 0, now: 0, today: 0 },
    })
  })

  it('takes 0, and then nothing gets through', async () => {
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
