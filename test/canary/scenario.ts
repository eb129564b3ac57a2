/**
 * Drives leads whose every value is a canary through the paths of a relay, and collects all that the relay writes: its
 * log, its replies and the output of each command that shows no values.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { AS_OPERATOR, OPERATOR } from '../support/operator.ts'
import { startProgram } from '../support/process.ts'
import { COMMAND } from '../support/command.ts'
import type { Demo, Platform } from '../support/demo.ts'
import { canary, type Output } from './canaries.ts'

/** Key of a server. */
export const API_KEY = 'swordfish-swordfish-swordfish'

/** Bounds that the scenario meets, so that leads are refused. */
const MAX_WAITING = 30
const MAX_PER_SOURCE = 10
export const BOUNDS = {
  FORM_SYNC_MAX_WAITING: String(MAX_WAITING),
  FORM_SYNC_MAX_WAITING_PER_SOURCE: String(MAX_PER_SOURCE),
}

/** Returns a mark of its own, of letters alone, for each of many leads. */
function markOf(prefix: string, n: number): string {
  return `${prefix}${String.fromCodePoint(97 + Math.floor(n / 26), 97 + (n % 26))}`
}

/** Returns the header fields that tell the address of a visitor on Node, and on Cloudflare. */
function from(address: string): Record<string, string> {
  return { 'x-forwarded-for': address, 'cf-connecting-ip': address }
}

const SOON = { timeout: 20_000, interval: 100 }
const JSON_TYPE = { 'content-type': 'application/json' }

/** Returns the fields and extras of a lead. `mark` tells leads apart; an id is left to the relay. */
function canaryFields(demo: Demo, mark: string): Record<string, string> {
  return {
    Email: `${canary(`email${mark}`)}@acme.example`,
    FirstName: canary('first'),
    LastName: canary('last'),
    Company: canary('company'),
    Harbour: canary('harbour'),
    Message: `${canary('message')} and ${canary('more')}`,
    // The log shows a name that several posts had.
    [canary(`name${mark}`)]: canary('unknown'),
    _id: canary('id'),
    _visitor: `id:123-ABC-456&token:_mch-localhost-${canary(`cookie${mark}`)}`,
    _page: `${demo.site}/${canary('page')}`,
    _referrer: `https://www.example/${canary('referrer')}`,
    _query: `utm_source=${canary('source')}&${canary('parameter')}=${canary('query')}`,
    _consent: canary('consent'),
    _consent_source: canary('consentsource'),
    _consent_time: canary('consenttime'),
    _consent_detail: canary('consentdetail'),
    _elapsed: canary('elapsed'),
    _next: `https://${canary('next')}.example/`,
    [`_${canary('extra')}`]: canary('extravalue'),
  }
}

const HEADERS = {
  'user-agent': canary('agent'),
  cookie: `other=${canary('othercookie')}`,
  'x-forwarded-for': canary('address'),
  'x-custom': canary('header'),
  'accept-language': canary('language'),
}

/** Leads that Marketo rejects, with the code, and the value that its message quotes. */
const REJECTIONS = [
  ['p', '1001', 'harbour'],
  ['q', '1004', 'last'],
  ['r', '1003', 'first'],
] as const

/** Returns all that the relay's process has printed, without what wrangler prints: variables and requests. */
function logOf(demo: Demo): string {
  const lines = demo.relayProgram().printed().split('\n')
  return lines.filter((line) => !/\benv\.|\[wrangler:/.test(line)).join('\n')
}

export interface Collected {
  outputs: Output[]
  /** What shows values on purpose, to prove that the canaries were there. */
  shown: string
}

/** Runs the scenario. The demo stays open. */
export async function runScenario(demo: Demo, platform: Platform): Promise<Collected> {
  const outputs: Output[] = []
  const collect = (where: string, text: string) => void outputs.push({ where, text })
  const ask = async (where: string, path: string, init: RequestInit = {}, as: Record<string, string> = {}) => {
    const response = await fetch(demo.relay + path, {
      redirect: 'manual',
      ...init,
      headers: { ...HEADERS, ...as },
    })
    // The reply to a page names the page's origin, which it has sent itself.
    const headers = [...response.headers].filter(([name]) => name !== 'access-control-allow-origin')
    collect(`reply ${where}`, `${JSON.stringify(headers)}\n${await response.text()}`)
    return response.status
  }
  const post = (where: string, fields: Record<string, string>, as: Record<string, string> = {}) =>
    ask(
      where,
      '/f/contact',
      { method: 'POST', body: new URLSearchParams(fields) },
      { origin: demo.site, accept: 'application/json', ...as },
    )
  const state = async (where: string) => ask(where, '/readyz', {}, AS_OPERATOR.headers)
  const asServer = { ...JSON_TYPE, authorization: `Bearer ${API_KEY}` }

  await accept()
  await refuse()
  await callAsServer()
  await fail()
  const shown = await command()
  await block()
  if (platform === 'node') await crash()
  await demo.relayProgram().end()
  collect('the log', logOf(demo))
  return { outputs, shown }

  async function accept(): Promise<void> {
    expect(await post('accepted', canaryFields(demo, 'a'))).toBe(202)
    expect(await post('accepted, without script', canaryFields(demo, 'b'), { accept: 'text/html' })).toBe(303)
    await written('emaila', 'emailb')
    expect(await state('while all is well')).toBe(200)
  }

  async function refuse(): Promise<void> {
    const fields = canaryFields(demo, 'c')
    for (const accept of ['application/json', 'text/html']) {
      const as = { accept, origin: demo.site }
      const send = (body: BodyInit, more: Record<string, string> = {}) =>
        ask(`refused as ${accept}`, '/f/contact', { method: 'POST', body }, { ...as, ...more })
      expect(await send('{', JSON_TYPE)).toBe(400)
      expect(await send(`{"fields": {"Email": {"${canary('key')}": 1}}}`, JSON_TYPE)).toBe(400)
      expect(await send(new URLSearchParams(fields), { origin: `https://${canary('origin')} x` })).toBe(403)
      expect(await send(canary('body'), { 'content-type': canary('type') })).toBe(415)
      expect(await send(new URLSearchParams({ ...fields, Message: canary('long').repeat(20_000) }))).toBe(413)
      expect(await post('a value', { ...fields, Email: canary('invalid'), PilotSize: canary('option') }, as)).toBe(422)
      expect(await ask('PUT', '/f/contact', { method: 'PUT', body: canary('put') }, as)).toBe(405)
    }
    const query = `?${canary('parameter')}=${canary('query')}`
    for (const path of [
      '/v1/leads',
      '/v1/parked',
      '/v1/waiting',
      '/v1/discard',
      '/v1/replay',
      '/v1/retry',
      '/readyz',
    ]) {
      const method = /readyz|parked|waiting/.test(path) ? 'GET' : 'POST'
      const body = method === 'POST' ? { body: canary('body') } : {}
      await ask(`${path} without a key`, path + query, { method, ...body })
      const as = { ...JSON_TYPE, authorization: `Bearer ${canary('token')}` }
      expect(await ask(`${path} with a wrong key`, path + query, { method, ...body }, as)).toBe(401)
    }
    await ask('no such address', `/${canary('path')}${query}`)
  }

  async function callAsServer(): Promise<void> {
    const lead = JSON.stringify({
      email: `${canary('server')}@acme.example`,
      attributes: { FirstName: canary('serverfirst') },
    })
    expect(await ask('a call of a server', '/v1/leads', { method: 'POST', body: lead }, asServer)).toBe(200)
    await demo.fault({
      fault: '1003',
      email: `${canary('server')}@acme.example`,
      field: canary('serverfirst'),
      times: 1,
    })
    // The server is told what Marketo says about its own lead; the log is not.
    await fetch(`${demo.relay}/v1/leads`, { method: 'POST', body: lead, headers: asServer })
    await ask(
      'a call that is not valid',
      '/v1/leads',
      { method: 'POST', body: `{"email": ["${canary('bad')}"]}` },
      asServer,
    )
  }

  async function fail(): Promise<void> {
    // Marketo quotes values of the lead, and never takes it, or not this attribute. A call meets one fault: one at a time.
    for (const [at, [mark, fault, field]] of REJECTIONS.entries()) {
      await demo.fault({ fault, field: canary(field), email: `${canary(`email${mark}`)}@acme.example`, times: 50 })
      expect(await post('accepted, and parked later', canaryFields(demo, mark))).toBe(202)
      await vi.waitFor(async () => expect(await parkedIds()).toHaveLength(at + 1), SOON)
    }
    // A gateway's page, a failure of Marketo, and then success.
    await demo.fault({ fault: 'html502', times: 1, text: canary('emailt') })
    await demo.fault({ fault: '604', times: 1, text: canary('emailt') })
    expect(await post('accepted, and sent again', canaryFields(demo, 't'))).toBe(202)
    await written('emailt')
    expect(await state('while leads are parked')).toBe(200)
  }

  async function command(): Promise<string> {
    const source = platform === 'node' ? ['--data', demo.data] : ['--relay', demo.relay]
    const forms = ['--forms', demo.formsFile]
    const run = async (...words: string[]) => {
      const program = await startProgram([COMMAND, ...words], { ...demo.variables, ...OPERATOR }, /\n/).catch(
        (error: Error) => ({ ended: 0, printed: () => error.message }),
      )
      await program.ended
      const options = words.filter((word) => word.startsWith('--')).join(' ')
      collect(`form-sync ${words[0]} ${options}`, program.printed())
      return program.printed()
    }
    const [first = '', second = ''] = await parkedIds()
    await Promise.all([
      run('parked', ...source),
      run('parked', first, ...source),
      run('parked', '--json', ...source),
      run('show', first, ...source),
      run('show', first, '--json', ...source),
      run('status', ...source),
      run('waiting', ...source),
      run('waiting', '--json', ...source),
      run('discard', '--state', 'parked', ...source),
      run('check', ...forms),
      run('check', '--json', ...forms),
      run('doctor', ...forms),
      run('migrate', ...forms),
    ])
    const edit = ['--set', `FirstName=${canary('edit')}`, '--cookie', canary('editcookie')]
    await run('replay', first, '--dry-run', ...edit, ...(platform === 'node' ? forms : []), ...source)
    await run('edit', first, '--dry-run', ...edit, ...(platform === 'node' ? forms : []), ...source)
    await run('replay', first, '--json', ...edit, ...(platform === 'node' ? forms : []), ...source)
    await run('retry', ...source)
    const shown = await (async () => {
      const program = await startProgram([COMMAND, 'parked', second, '--values', ...source], OPERATOR, /\n/)
      await program.ended
      return program.printed()
    })()
    await run('discard', '--state', 'parked', '--reason', 'a test', '--yes', ...source)
    const store = platform === 'node' ? [...forms, ...source] : source
    await run('hold', 'contact', '--reason', 'a test', ...store)
    expect(await post('accepted, and held', canaryFields(demo, 'h'))).toBe(202)
    expect(await state('while a lead is held')).toBe(200)
    await run('hold', ...source)
    await run('waiting', '--state', 'held', ...source)
    const address = `${canary('emailh')}@acme.example`
    await Promise.all([
      run('held', ...source),
      run('held', '--json', ...source),
      run('find', address, ...source),
      run('find', address, '--json', ...source),
      run('erase', address, ...source),
    ])
    // While they are held, none of them reaches Marketo.
    let status = 202
    for (let n = 0; n <= MAX_PER_SOURCE && status === 202; n += 1) {
      status = await post('of a network that sends many', canaryFields(demo, markOf('m', n)), from('203.0.113.9'))
    }
    expect(status).toBe(429)
    await run('erase', address, '--yes', ...source)
    await run('hold', 'contact', '--off', ...store)
    await run('audit', ...source)
    await run('audit', '--json', ...source)
    return shown
  }

  async function block(): Promise<void> {
    // Each new lead is tried at once, so that the fault lasts until all of them wait.
    await demo.fault({ fault: '603', field: canary('first'), times: 1_000 })
    expect(await post('accepted, while Marketo refuses all', canaryFields(demo, 'u'))).toBe(202)
    await vi.waitFor(async () => {
      const body = JSON.stringify(await demo.readiness())
      expect(body).toContain('"blocked":true')
      collect('/readyz of a blocked relay', body)
    }, SOON)
    const statuses = []
    for (let n = 0; n <= MAX_WAITING; n += 1) {
      statuses.push(await post('while leads wait', canaryFields(demo, markOf('w', n)), from(`198.51.100.${n}`)))
    }
    expect(statuses.at(-1)).toBe(503)
    await demo.endFaults()
    expect(await state('while a lead is refused for want of room')).toBe(200)
  }

  /** Kills the relay, damages its file, and starts it again with leads in it. */
  async function crash(): Promise<void> {
    await demo.relayProgram().end('SIGKILL')
    collect('the log before the crash', logOf(demo))
    const file = readdirSync(demo.data).find((name) => name.endsWith('.sqlite'))
    expect(file).toBeDefined()
    writeFileSync(join(demo.data, file!), `${canary('damage')}${'x'.repeat(8_192)}`)
    await demo.startRelay()
    await vi.waitFor(() => expect(demo.relayProgram().printed()).toContain('quarantined'), SOON)
    await state('after a damage')
    expect(await post('accepted, after a damage', canaryFields(demo, 'v'))).toBe(202)
  }

  async function parkedIds(): Promise<string[]> {
    const response = await fetch(`${demo.relay}/v1/parked?limit=200`, AS_OPERATOR)
    const text = await response.text()
    collect('reply /v1/parked', text)
    return (JSON.parse(text) as { parked: { id: string }[] }).parked.map(({ id }) => id)
  }

  async function written(...names: string[]): Promise<void> {
    await vi.waitFor(async () => {
      const known = new Set((await demo.people()).map(({ email }) => email))
      for (const name of names) expect(known).toContain(`${canary(name)}@acme.example`)
    }, SOON)
  }
}
