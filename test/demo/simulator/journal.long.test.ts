import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournal } from '../../../demo/simulator/journal-file.ts'
import type { Journal } from '../../../demo/simulator/journal.ts'
import {
  COOKIE,
  leadKey,
  message,
  openSimulator,
  OTHER_COOKIE,
  OTHER_TOKEN,
  TOKEN,
  nextTick,
  type SimulatorClient,
} from './simulator-client.ts'

const PATHS = ['leads', 'calls', 'calls?records=1', 'calls/1', 'lists', 'campaigns', 'limits', 'workspaces', 'strict']

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
  file = join(folder, 'simulator.jsonl')
})

afterEach(() => rm(folder, { recursive: true }))

describe('a simulator that restarts with its data folder', () => {
  it('restores its complete state', async () => {
    const simulator = open()
    await live(simulator)
    simulator.clock.now += 20_000
    const before = await readAll(simulator)

    const restarted = open()
    restarted.clock.now += 20_000

    expect(await readAll(restarted)).toEqual(before)
    expect(before).toMatchObject({
      leads: [{ email: 'ana@acme.example' }, { known: false }],
      'calls/1': { status: 200 },
      limits: { daily: 500, used: { today: 4 } },
      workspaces: { workspaces: ['Europe'] },
    })
  })

  it('restores its state from a compacted journal', async () => {
    const simulator = open()
    await live(simulator)
    const before = await readAll(simulator)

    open()

    expect((await readAll(open())).leads).toEqual(before.leads)
  })

  it.each([
    ['cookie', { cookie: COOKIE }],
    ['foreign id', { foreignId: 'F1', foreignType: 'CUSTOM' }],
    ['e-mail address', { email: 'ANA@acme.example' }],
    ['Id', { id: 700001 }],
  ])('finds people by their %s', async (_, key) => {
    await live(open())

    const answer = await open().sync({ ...key, attributes: { City: 'Cork' } })

    expect(answer).toMatchObject({ done: 'UPDATED', leadId: 700001 })
  })

  it('finds the person updated last of two with the same address', async () => {
    const simulator = open()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.sync({ email: 'eva@acme.example' })
    simulator.clock.now += 1_000
    await simulator.sync({ id: 700002, email: 'ana@acme.example' })
    simulator.clock.now += 1_000
    await simulator.sync({ id: 700001 })

    const answer = await open().sync({ email: 'ana@acme.example' })

    expect(answer.leadId).toBe(700001)
  })

  it('continues the numbers of people and calls', async () => {
    await live(open())

    const restarted = open()
    const answer = await restarted.sync({ email: 'new@acme.example' })

    expect(answer.leadId).toBe(700003)
    expect((await restarted.calls()).at(-1)?.number).toBe(5)
  })

  it('does not restore a visitor who was merged into a person', async () => {
    const simulator = open()
    await simulator.sync({ email: 'ana@acme.example' })
    await simulator.visit(TOKEN, '/')
    await simulator.sync({ email: 'ana@acme.example', cookie: COOKIE })

    const leads = await open().leads()

    expect(leads.map(({ id, cookies }) => [id, cookies])).toEqual([[700001, [COOKIE]]])
  })

  it('uses its new initial settings unless they were changed before', async () => {
    const simulator = open()
    await simulator.control('/sim/workspaces', { workspaces: 'off' })

    const restarted = openSimulator({ journal: openJournal(folder), strict: true, workspaces: 'any' })

    const [strict, workspaces] = await Promise.all(['strict', 'workspaces'].map((path) => readControl(restarted, path)))
    expect(strict).toEqual({ strict: true })
    expect(workspaces).toMatchObject({ workspaces: 'off' })
  })

  it('shows a call as ended whose connection was open when the process was killed', async () => {
    const simulator = open()
    await simulator.control('/sim/faults', { fault: 'accepted-then-timeout' })
    void simulator.sync({ email: 'ana@acme.example' })
    while ((await simulator.calls()).length === 0) await nextTick()

    const calls = await open().calls()

    expect(calls).toMatchObject([{ applied: true, answered: false, endedAt: expect.any(Number) }])
  })

  it('lists calls in order of arrival, even if they ended in another order', async () => {
    const gate = Promise.withResolvers<void>()
    const simulator = openSimulator({ journal: openJournal(folder), wait: () => gate.promise })
    await simulator.control('/sim/faults', { fault: 'slow' })
    const slow = simulator.sync({ email: 'ana@acme.example' })
    while ((await simulator.limits()).used.now === 0) await new Promise((resolve) => setImmediate(resolve))
    await simulator.sync({ email: 'eva@acme.example' })
    gate.resolve()
    await slow

    const calls = await open().calls()

    expect(calls.map(({ number }) => number)).toEqual([1, 2])
  })

  it('is empty after a reset', async () => {
    const simulator = open()
    await live(simulator)
    await simulator.app.request('/sim/reset', { method: 'POST' })

    const restarted = open()

    expect([await restarted.leads(), await restarted.calls()]).toEqual([[], []])
    expect((await restarted.sync({ email: 'a@acme.example' })).leadId).toBe(700001)
  })

  it('loses only the incomplete last line after a crash', async () => {
    const simulator = open()
    await simulator.sync({ email: 'ana@acme.example' })
    await writeFile(file, '{"event":"person","da', { flag: 'a' })

    const restarted = open()
    await restarted.sync({ email: 'eva@acme.example' })

    expect((await open().leads()).map(({ email }) => email)).toEqual(['ana@acme.example', 'eva@acme.example'])
  })

  it('does not start with an invalid journal: it names the line and leaves the file unchanged', async () => {
    const text = '{"event":"next","data":{"person":700002,"call":2}}\nhello\n'
    await writeFile(file, text)

    expect(() => open()).toThrow(`${file}:2 is not valid JSON`)
    expect(await readFile(file, 'utf8')).toBe(text)
  })
})

describe('the journal', () => {
  it('is readable by its owner only and contains no signature', async () => {
    const simulator = open()
    const sent = message({
      params: '<leadRecord><Email>ana@acme.example</Email></leadRecord><returnLead>false</returnLead>',
    })
    await simulator.post(sent)

    const { mode } = await stat(file)
    const text = await readFile(file, 'utf8')

    expect(mode & 0o777).toBe(0o600)
    expect(text).toContain('ana@acme.example')
    expect(text).not.toContain(/[0-9a-f]{40}/.exec(sent)?.[0])
  })

  it('is compacted after 20,000 events', async () => {
    const lines: string[] = []
    let maxLines = 0
    const journal: Journal = {
      name: 'memory',
      read: () => [],
      add: (line) => {
        maxLines = Math.max(maxLines, lines.push(line))
        return line.length
      },
      replace: (all) => {
        lines.splice(0, lines.length, ...all)
        return lines.join('').length
      },
    }
    const simulator = openSimulator({ journal })

    for (let n = 0; n < 20_010; n += 1) await simulator.control('/sim/strict', { strict: n % 2 === 0 })

    expect(maxLines).toBeGreaterThan(20_000)
    expect(lines.length).toBeLessThan(20)
    expect(lines).toContain('{"event":"settings","data":{"strict":false}}')
  })

  it('is compacted only after as many events as it has lines', async () => {
    const sizes: number[] = []
    const journal: Journal = {
      name: 'memory',
      read: () => Array.from({ length: 30_000 }, (_, n) => personLine(700_001 + n)),
      add: () => 1,
      replace: (all) => sizes.push([...all].length),
    }
    const simulator = openSimulator({ journal })

    for (let n = 0; n < 29_000; n += 1) await simulator.control('/sim/strict', { strict: true })
    const before = sizes.length
    for (let n = 0; n < 2_000; n += 1) await simulator.control('/sim/strict', { strict: true })

    expect([before, sizes.length]).toEqual([1, 2])
    expect(sizes[0]).toBeGreaterThan(30_000)
  })

  it('is compacted when a frequent visitor has added 8 MB', async () => {
    const simulator = open()
    let maxSize = 0

    for (let visit = 0; visit < 2_000; visit += 1) {
      await simulator.visit(TOKEN, `/${visit}`)
      if (visit % 20 === 0) maxSize = Math.max(maxSize, (await stat(file)).size)
    }

    const [visitor] = await open().leads()
    expect(maxSize).toBeGreaterThan(5_000_000)
    expect(maxSize).toBeLessThan(10_000_000)
    expect(visitor?.activities.map((activity) => 'url' in activity && activity.url)).toEqual(
      Array.from({ length: 2_000 }, (_, visit) => `https://www.acme.example/${visit}`),
    )
  })

  it('is read correctly if a chunk ends within a character', async () => {
    const simulator = open()
    for (let n = 0; n < 600; n += 1) {
      const title = 'x'.repeat(n % 3) + 'ü'.repeat(4_000)
      await simulator.visit(`_mch-acme.example-1764000000000-${n}`, '/', { _mchTi: title })
    }

    const leads = await open().leads()

    expect((await stat(file)).size).toBeGreaterThan(4_000_000)
    expect(leads).toEqual(await simulator.leads())
    expect(leads).toHaveLength(600)
  })

  it.each([
    ['cannot be read', 'simulator.jsonl', 'Check its permissions, or choose another folder with --data.'],
    ['cannot be written', 'simulator.jsonl.next', 'Check its permissions and the free disk space.'],
  ])('that %s causes an error with the file and the remedy', async (problem, blockedFile, remedy) => {
    await mkdir(join(folder, blockedFile))

    expect(() => open()).toThrow(new RegExp(`${file} ${problem} \\(EISDIR\\)\\. ${remedy}`))
  })

  it('causes an error with the remedy if its folder is a file', async () => {
    await writeFile(file, '')

    expect(() => openJournal(file)).toThrow(
      `The folder ${file} cannot be created (EEXIST). Choose another folder with --data.`,
    )
  })
})

function personLine(id: number): string {
  const at = '2026-11-23T09:30:00.000Z'
  const nothing = { attributes: {}, foreignIds: [], cookies: [], activities: [] }
  const place = { workspace: 'Default', partition: 'Default', createdAt: at, updatedAt: at }
  return JSON.stringify({ event: 'person', data: { id, known: true, email: null, ...nothing, ...place } })
}

function open(): SimulatorClient {
  return openSimulator({ journal: openJournal(folder) })
}

/** Creates data of every kind. */
async function live(simulator: SimulatorClient): Promise<void> {
  await simulator.control('/sim/workspaces', { workspaces: ['Europe'] })
  await simulator.control('/sim/limits', { daily: 500 })
  await simulator.visit(TOKEN, '/pricing', { _mchTi: 'Pricing' })
  await simulator.sync({
    email: 'ana@acme.example',
    foreignId: 'F1',
    foreignType: 'CUSTOM',
    cookie: COOKIE,
    workspace: 'Europe',
    attributes: { LastName: `Zoë O'Brien & <Söhne> "😀"` },
  })
  await simulator.sync({ email: 'ana@acme.example', cookie: OTHER_COOKIE, attributes: { Tide__c: '1' } })
  await simulator.visit(OTHER_TOKEN, '/')
  const key = leadKey('IDNUM', 700001)
  await simulator.ask(
    'ListOperation',
    `<listOperation>ADDTOLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>Newsletter</keyValue></listKey><listMemberList>${key}</listMemberList>`,
  )
  await simulator.ask(
    'RequestCampaign',
    `<source>MKTOWS</source><campaignId>1001</campaignId><leadList>${key}</leadList>`,
  )
}

async function readAll(simulator: SimulatorClient): Promise<Record<string, unknown>> {
  const all = await Promise.all(PATHS.map(async (path) => [path, await readControl(simulator, path)] as const))
  return Object.fromEntries(all)
}

async function readControl({ app }: SimulatorClient, path: string): Promise<unknown> {
  return (await app.request(`/sim/${path}`)).json()
}
