import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { serveSimulator, type RunningSimulator, type ServeOptions } from '../../../demo/simulator/serve.ts'
import type { CallLine, LimitsView } from '../../../demo/simulator/view.ts'
import { ACCOUNT, message, START, syncLeadMessage, texts } from './simulator-client.ts'

let simulator: RunningSimulator | undefined

afterEach(async () => {
  await simulator?.close()
  simulator = undefined
})

describe('the simulator on Node', () => {
  it('listens on localhost and answers over a real connection', async () => {
    const { url } = await serve()

    const response = await send(url)

    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    expect(await response.text()).toContain('<status>CREATED</status>')
  })

  it('drops the connection without doing the work for the fault reset', async () => {
    const { url } = await serve()
    await ask(url, { fault: 'reset' })

    const error = await send(url).catch((error: unknown) => error)

    expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(await get(url, '/sim/leads')).toEqual([])
    expect(await get(url, '/sim/calls')).toMatchObject([{ ok: false, code: 'reset', leadId: null }])
    expect(await get(url, '/sim/calls/1')).toMatchObject({ status: null, response: '' })
  })

  it('does the work and then drops the connection for the fault accepted-then-reset', async () => {
    const { url } = await serve()
    await ask(url, { fault: 'accepted-then-reset' })

    const error = await send(url).catch((error: unknown) => error)

    expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(await get(url, '/sim/leads')).toMatchObject([{ id: 700001, email: 'ana@acme.example' }])
    expect(await get(url, '/sim/calls')).toMatchObject([{ ok: false, code: 'accepted-then-reset', leadId: 700001 }])
  })

  it.each([
    ['timeout', { applied: false, leadId: null }, 0],
    ['accepted-then-timeout', { applied: true, leadId: 700001 }, 1],
  ])('sends no answer for the fault %s until the caller disconnects', async (fault, done, people) => {
    const { url } = await serve()
    await ask(url, { fault })
    const caller = new AbortController()
    const waiting = send(url, caller.signal).catch((error: unknown) => error)
    await until(async () => ((await get(url, '/sim/calls')) as unknown[]).length === 1)
    expect(await get(url, '/sim/calls')).toMatchObject([{ endedAt: null }])

    caller.abort()
    const error = await waiting
    await until(async () => ((await get(url, '/sim/calls')) as CallLine[])[0]?.endedAt !== null)

    expect(error).toMatchObject({ name: 'AbortError' })
    expect(await get(url, '/sim/calls')).toMatchObject([{ ok: false, code: fault, answered: false, ...done }])
    expect(await get(url, '/sim/leads')).toHaveLength(people)
  })

  it.each(['timeout', 'accepted-then-timeout'])(
    'drops the connection after the given time for the fault %s',
    async (fault) => {
      const { url } = await serve()
      await ask(url, { fault, ms: 1 })

      const error = await send(url).catch((error: unknown) => error)

      expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } })
      expect(await get(url, '/sim/calls')).toMatchObject([{ endedAt: expect.any(Number), answered: false }])
    },
  )

  it('finishes a slow call after its caller has disconnected, and records both times', async () => {
    const gate = Promise.withResolvers<void>()
    const { url } = await serve({ wait: () => gate.promise })
    await ask(url, { fault: 'slow' })
    const caller = new AbortController()
    const waiting = send(url, caller.signal).catch((error: unknown) => error)
    await until(async () => ((await get(url, '/sim/limits')) as LimitsView).used.now === 1)

    caller.abort()
    await waiting
    await fetch(url)
    gate.resolve()
    await until(async () => ((await get(url, '/sim/calls')) as unknown[]).length === 1)

    const [call] = (await get(url, '/sim/calls')) as CallLine[]
    expect(call).toMatchObject({ answered: false, applied: true, leadId: 700001 })
    expect(call?.appliedAt).toBeGreaterThan(Number(call?.endedAt))
  })

  it('accepts a chunked body, as Java sends it', async () => {
    const { url } = await serve()
    const [head, tail] = split(syncLeadMessage({ email: 'zoë@acme.example' }, START))

    const response = await fetch(`${url}/soap/mktows/3_1`, inChunks([head, tail]))

    expect(response.status).toBe(200)
    expect(await get(url, '/sim/leads')).toMatchObject([{ email: 'zoë@acme.example' }])
  })

  it.each([
    ['at once', { method: 'POST', body: 'x'.repeat(17_000_000) }],
    ['in chunks', inChunks(Array.from({ length: 170 }, () => new Uint8Array(100_000)))],
  ])('rejects a body that is too large and sent %s, and answers the next call', async (_, sent) => {
    const { url } = await serve()

    const rejected = await fetch(`${url}/soap/mktows/3_1`, sent)
    const next = await send(url)

    expect([rejected.status, next.status]).toEqual([413, 200])
    expect(rejected.headers.get('connection')).toBe('close')
  })

  it('accepts 300 leads with long texts', async () => {
    const { url } = await serve()
    const attribute = `<attribute><attrName>Message__c</attrName><attrValue>${'x'.repeat(30_000)}</attrValue></attribute>`
    const record = `<leadRecord><leadAttributeList>${attribute}</leadAttributeList><Email>a@b.example</Email></leadRecord>`
    const params = `<leadRecordList>${record.repeat(300)}</leadRecordList>`

    const response = await fetch(`${url}/soap/mktows/3_1`, {
      method: 'POST',
      body: message({ root: 'paramsSyncMultipleLeads', params }),
    })

    expect(response.status).toBe(200)
    expect(texts(await response.text(), 'status')).toHaveLength(300)
  })

  it('closes while a call and an event stream are open', async () => {
    const { url, close } = await serve()
    await ask(url, { fault: 'timeout' })
    const waiting = send(url).catch((error: unknown) => error)
    const events = await fetch(`${url}/sim/events`)
    await until(async () => ((await get(url, '/sim/calls')) as unknown[]).length === 1)

    await close()
    simulator = undefined

    expect(await waiting).toBeInstanceOf(TypeError)
    await expect(events.text()).rejects.toThrow(TypeError)
    await expect(fetch(url)).rejects.toThrow(TypeError)
  })

  it('rejects with EADDRINUSE if the port is in use', async () => {
    const { url } = await serve()

    const second = serveSimulator({ port: Number(new URL(url).port) })

    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('rejects a data folder that another simulator uses, and accepts it once that has closed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
    const first = await serveSimulator({ port: 0, data: folder })

    const second = serveSimulator({ port: 0, data: folder })
    await expect(second).rejects.toThrow(
      `Another simulator uses the folder ${folder}. Stop it, or choose another folder with --data.`,
    )
    await first.close()
    const third = await serveSimulator({ port: 0, data: folder })

    await third.close()
    await rm(folder, { recursive: true })
  })

  it('releases its data folder if it cannot start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'))
    const { url } = await serve()
    const second = serveSimulator({ port: Number(new URL(url).port), data: folder })
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' })

    const third = await serveSimulator({ port: 0, data: folder })

    await third.close()
    await rm(folder, { recursive: true })
  })

  it.each([
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%5c..%5cpackage.json',
    '/../../package.json',
    '/%00.js',
  ])('serves no file outside the page’s folder: %s', async (path) => {
    const { url } = await serve()

    const status = await rawStatus(url, path)

    expect(status).toBe(404)
  })
})

async function serve(options: Partial<ServeOptions> = {}): Promise<RunningSimulator> {
  simulator = await serveSimulator({ port: 0, account: ACCOUNT, now: () => START, ...options })
  return simulator
}

function send(url: string, signal?: AbortSignal): Promise<Response> {
  const body = syncLeadMessage({ email: 'ana@acme.example' }, START)
  return fetch(`${url}/soap/mktows/3_1`, { method: 'POST', body, signal: signal ?? null })
}

/** Cuts the message in the middle of a character. */
function split(message: string): [Uint8Array, Uint8Array] {
  const bytes = new TextEncoder().encode(message)
  const middle = bytes.indexOf(0xc3) + 1
  return [bytes.slice(0, middle), bytes.slice(middle)]
}

function inChunks(chunks: Uint8Array[]): RequestInit {
  const body = new ReadableStream({
    start(stream) {
      for (const chunk of chunks) stream.enqueue(chunk)
      stream.close()
    },
  })
  return { method: 'POST', body, duplex: 'half' } as RequestInit
}

async function ask(url: string, fault: unknown): Promise<void> {
  await fetch(`${url}/sim/faults`, { method: 'POST', body: JSON.stringify(fault) })
}

async function get(url: string, path: string): Promise<unknown> {
  const response = await fetch(url + path)
  return response.json()
}

/** Requests the path unchanged, because `fetch` would normalise it. */
function rawStatus(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject).end()
  })
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}
