/** Mutants of the rules by which answers become verdicts: the table of answers must detect each of them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ruleFor, type CodeRule } from '../../../../relay/marketo/rest/codes.ts'
import type { createRestTransport } from '../../../../relay/marketo/rest/transport.ts'
import { ANSWER_TABLE, askAll } from './answer-table.ts'

type Create = typeof createRestTransport

const RELAY = join(import.meta.dirname, '../../../../relay')
const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Loads a copy of the sources of which one is changed. */
async function load(file: string, change: (source: string) => string): Promise<{ create: Create; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-mutant-'))
  folders.push(folder)
  cpSync(join(RELAY, 'marketo'), folder, {
    recursive: true,
    filter: (name) => !/soap|index\.ts|marketo\/transport/.test(name),
  })
  const source = readFileSync(join(folder, file), 'utf8')
  const changed = change(source)
  expect(changed, 'the change fits the source').not.toBe(source)
  writeFileSync(join(folder, file), changed)
  const loaded: unknown = await import(join(folder, 'rest/transport.ts'))
  return { create: (loaded as { createRestTransport: Create }).createRestTransport, folder }
}

/** Returns the names of the rows that do not hold with a transport. */
async function brokenRows(create: Create, code?: string): Promise<string[]> {
  const rows = ANSWER_TABLE.filter((row) => code === undefined || row.code === code)
  const broken = rows.map(async (row) => {
    const verdicts = await askAll(row, create)
    return expect.objectContaining(row.verdicts).asymmetricMatch(verdicts) ? [] : [row.name]
  })
  return (await Promise.all(broken)).flat()
}

/** Returns the mutants of a rule. */
function mutantsOf({ failureClass, ...rule }: CodeRule): object[] {
  const classes: object[] =
    failureClass.kind === 'failed'
      ? [
          { ...failureClass, fault: failureClass.fault === 'lead' ? 'account' : 'lead' },
          { ...failureClass, arrived: failureClass.arrived === 'maybe' ? 'yes' : 'maybe' },
          { ...failureClass, maxAttempts: 7 },
          { ...failureClass, waitMs: 7 },
        ]
      : failureClass.kind === 'limited'
        ? [
            { ...failureClass, waitMs: 7 },
            { ...failureClass, limit: 'other' },
          ]
        : failureClass.kind === 'blocked'
          ? [{ ...failureClass, maxAttempts: 7 }]
          : []
  const other = failureClass.kind === 'park' ? { kind: 'blocked', maxAttempts: 3 } : { kind: 'park' }
  const { advice, isAboutField, isAboutPartition, ...bare } = { ...rule, failureClass }
  return [
    ...[...classes, other].map((changed) => ({ ...rule, failureClass: changed })),
    { ...rule, failureClass, name: 'another name' },
    ...(advice === undefined ? [] : [{ ...rule, failureClass, advice: 'another advice' }]),
    ...(isAboutField || isAboutPartition ? [bare] : []),
  ]
}

describe('the table of answers', () => {
  let create: Create
  let rules: Map<string, object>

  beforeAll(async () => {
    const loaded = await load('rest/codes.ts', (source) => `${source}\nexport { RULES }\n`)
    create = loaded.create
    rules = ((await import(join(loaded.folder, 'rest/codes.ts'))) as { RULES: Map<string, object> }).RULES
  })

  it('holds for the transport as it is, and has a row for each rule', async () => {
    expect(await brokenRows(create)).toEqual([])
    expect([...rules.keys()].filter((code) => !ANSWER_TABLE.some((row) => row.code === code))).toEqual([])
  })

  it.each(
    ANSWER_TABLE.flatMap(({ code }) =>
      code === undefined || ruleFor(code).name === 'unknown error' ? [] : [code],
    ).filter((code, at, all) => all.indexOf(code) === at),
  )('detects each change of the rule for %s, and that it is missing', async (code) => {
    const rule = rules.get(code)!
    const undetected: object[] = []
    for (const mutant of [...mutantsOf(ruleFor(code)), undefined]) {
      if (mutant) rules.set(code, mutant)
      else rules.delete(code)
      if ((await brokenRows(create, code)).length === 0) undetected.push(mutant ?? { missing: true })
    }
    rules.set(code, rule)

    expect(undetected).toEqual([])
  })

  it.each([
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([403, 404, 405, 410, 451])'],
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([401, 404, 405, 410, 451])'],
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([401, 403, 405, 410, 451])'],
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([401, 403, 404, 410, 451])'],
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([401, 403, 404, 405, 451])'],
    ['http-failure.ts', 'new Set([401, 403, 404, 405, 410, 451])', 'new Set([401, 403, 404, 405, 410])'],
    ['http-failure.ts', 'new Set([413, 414])', 'new Set([414])'],
    ['http-failure.ts', 'new Set([413, 414])', 'new Set([413])'],
    ['http-failure.ts', 'const TOO_MANY_REQUESTS = 429', 'const TOO_MANY_REQUESTS = 428'],
    ['http-failure.ts', 'waitMs: after ?? RATE_WINDOW_MS', 'waitMs: RATE_WINDOW_MS'],
    ['http-failure.ts', `return { ...LOST, arrived: 'maybe' }`, `return { ...LOST, arrived: 'yes' }`],
    ['http-failure.ts', `return { kind: 'failed', fault: 'lead', arrived: 'maybe' }`, 'return NEVER'],
    ['http-failure.ts', 'if (neverConnected(failure.error))', 'if (false)'],
    ['http-failure.ts', 'MAX_GATEWAY_ATTEMPTS = 8', 'MAX_GATEWAY_ATTEMPTS = 9'],
    ['failure-class.ts', `BLOCKED: FailureClass = { kind: 'blocked' }`, `BLOCKED: FailureClass = { kind: 'park' }`],
    ['rest/token.ts', 'failureClass: withoutLead(failure)', 'failureClass: classifyHttpFailure(failure)'],
    ['rest/verdicts.ts', 'new Set([502, 503, 504])', 'new Set([503, 504])'],
    ['rest/verdicts.ts', 'new Set([502, 503, 504])', 'new Set([502, 504])'],
    ['rest/verdicts.ts', 'new Set([502, 503, 504])', 'new Set([502, 503])'],
    ['rest/verdicts.ts', `new Set(['created', 'updated'])`, `new Set(['created'])`],
    ['rest/verdicts.ts', 'const MAX_UNREADABLE_ATTEMPTS = 20', 'const MAX_UNREADABLE_ATTEMPTS = 21'],
    ['rest/verdicts.ts', `arrived: 'maybe', ...(!isGateway`, `...(!isGateway`],
    ['rest/submit.ts', `outcome.error.code === '609'`, `outcome.error.code === '610'`],
    ['rest/submit.ts', `hasReason ? 'reasoned' : 'silent'`, `hasReason ? 'silent' : 'reasoned'`],
    ['rest/submit.ts', `|| verdict.kind === 'rejected'`, ''],
    ['rest/submit.ts', `mayBeDone && isRepeated`, 'false'],
    ['rest/transport.ts', 'if (first.marketoForm !== undefined)', 'if (false)'],
  ])('detects a change in %s: %s → %s', async (file, from, to) => {
    const changed = await load(file, (source) => source.replace(from, to))

    expect(await brokenRows(changed.create)).not.toEqual([])
  })
})
