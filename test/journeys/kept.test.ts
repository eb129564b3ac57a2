/** A lead that was accepted arrives, whatever happens to the relay or to Marketo meanwhile. */
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startStory, type Platform, type Story } from '../support/story.ts'

const SOON = { timeout: 25_000, interval: 50 }

describe.each<Platform>(['node', 'workerd'])('an accepted lead arrives, on %s', (platform) => {
  let story: Story

  afterEach(() => story?.end())

  const emails = async () => (await story.people()).map(({ email }) => email)

  it('though the relay is killed before it could deliver', async () => {
    story = await startStory(platform)
    // The first call never gets an answer, so the relay dies with the lead in its hands.
    await story.fault({ fault: 'timeout', times: 1 })

    const accepted = await story.send({ Email: 'ana@harbour.example', LastName: 'Ana' })
    await story.relayProgram().end('SIGKILL')
    await story.reset()
    await story.startRelay()

    expect(accepted.status).toBe(202)
    await vi.waitFor(async () => expect(await emails()).toEqual(['ana@harbour.example']), SOON)
  }, 60_000)

  it('though Marketo is down while three are sent: all three', async () => {
    story = await startStory(platform)
    await story.stopSimulator()

    const answers = []
    for (const name of ['one', 'two', 'three']) {
      answers.push(await story.send({ Email: `${name}@harbour.example`, LastName: name }))
    }
    await vi.waitFor(async () => expect(await story.readiness()).toMatchObject({ backlog: 3, breaker: {} }), SOON)
    await story.startSimulator()

    const expected = ['one@harbour.example', 'two@harbour.example', 'three@harbour.example']
    // Where the runtime does not say whether anything was sent, who has tried lets the others go first.
    const ordered = (names: (string | null)[]) => (platform === 'node' ? names : new Set(names))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    await vi.waitFor(async () => expect(ordered(await emails())).toEqual(ordered(expected)), SOON)
  }, 60_000)
})

it('a relay that is told to end takes nothing new and finishes what is in flight', async () => {
  const story = await startStory('node')
  onTestFinished(() => story.end())
  await story.fault({ fault: 'slow', ms: 1_000, times: 1 })
  await story.send({ Email: 'ana@harbour.example', LastName: 'Ana' })
  await vi.waitFor(async () => expect(await story.limits()).toMatchObject({ used: { now: 1 } }), SOON)

  const code = await story.relayProgram().end('SIGTERM')

  expect(code).toBe(0)
  expect((await story.people()).map(({ email, known }) => [email, known])).toEqual([['ana@harbour.example', true]])
  expect(story.relayProgram().printed()).toMatch(/"event":"delivered".*\n.*"event":"stopped"/)
}, 60_000)
