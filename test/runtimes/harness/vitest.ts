/**
 * Stands in for the package `vitest` in another runtime, which cannot run Vitest itself: the part of its interface that the
 * tests of the core use, with Vitest's own matchers. It collects the tests of the files that are imported, and `runTests`
 * runs them one after the other. Of `vi` it has `waitFor`.
 */
import { format } from 'node:util'
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'

type Work = (...parameters: never[]) => unknown
type Hook = () => unknown

interface Group {
  title: string
  hooks: Record<'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach', Hook[]>
  parent: Group | undefined
}

interface Test {
  title: string
  group: Group
  run: () => unknown
  timeout: number
}

/** Time limit of a test in ms, as in vitest.config.ts. */
const TIMEOUT_MS = 60_000

const tests: Test[] = []
let group = groupOf('')
let finished: Hook[] = []

function groupOf(title: string, parent?: Group): Group {
  return { title, parent, hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] } }
}

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

export const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect)

/** Collects the tests that `define` defines. It must not be asynchronous. */
export const describe = eachOf((title, work) => {
  group = groupOf(title, group)
  work()
  group = group.parent!
})

export const it = eachOf((title, run, timeout) => void tests.push({ title, run, timeout, group }))

export const onTestFinished = (hook: Hook): void => void finished.unshift(hook)
export const beforeAll = (hook: Hook): void => void group.hooks.beforeAll.push(hook)
export const afterAll = (hook: Hook): void => void group.hooks.afterAll.unshift(hook)
export const beforeEach = (hook: Hook): void => void group.hooks.beforeEach.push(hook)
export const afterEach = (hook: Hook): void => void group.hooks.afterEach.unshift(hook)

export const vi = {
  /** Calls `check` until it throws no more, and throws its last error when the time is over. */
  async waitFor<T>(check: () => T | Promise<T>, { timeout = 1_000, interval = 50 } = {}): Promise<T> {
    const end = performance.now() + timeout
    for (;;) {
      try {
        return await check()
      } catch (error) {
        if (performance.now() > end) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, interval))
    }
  },
}

/** Makes `it` or `describe` of a function: with options before or after the work, with `each` and with `runIf`. */
function eachOf(define: (title: string, work: Hook, timeout: number) => void) {
  function once(title: string, ...rest: (Work | { timeout?: number } | number | undefined)[]): void {
    const work = rest.find((word) => typeof word === 'function') as Work
    const option = rest.find((word) => typeof word === 'object' || typeof word === 'number')
    const timeout = (typeof option === 'object' ? option.timeout : option) ?? TIMEOUT_MS
    define(title, () => work(), timeout)
  }
  function each(rows: readonly unknown[]) {
    return (title: string, ...rest: Parameters<typeof once> extends [string, ...infer R] ? R : never) => {
      for (const row of rows) {
        const parameters = Array.isArray(row) ? (row as unknown[]) : [row]
        const filled = rest.map((word) => (typeof word === 'function' ? () => word(...(parameters as never[])) : word))
        once(titleOf(title, parameters), ...filled)
      }
    }
  }
  const runIf = (isMet: boolean) => (isMet ? once : () => {})
  return Object.assign(once, { each, runIf })
}

function titleOf(title: string, [first, ...others]: unknown[]): string {
  const named = title.replace(/\$(\w+)/g, (_, name: string) => String((first as Record<string, unknown>)[name]))
  const used = named.match(/%[sdifjoO]/g)?.length ?? 0
  return format(named, ...[first, ...others].slice(0, used))
}

/** Runs all collected tests, and tells of each failure. Resolves with the number of tests. */
export async function runTests(onFailure: (title: string, message: string) => void): Promise<number> {
  let open: Group[] = []
  for (const [at, test] of tests.entries()) {
    const path = pathOf(test.group)
    for (const entered of path.filter((one) => !open.includes(one))) await runAll(entered.hooks.beforeAll)
    open = path
    const message = await failureOf(test, path)
    const title = [...path.map((one) => one.title), test.title].filter(Boolean).join(' > ')
    if (message !== undefined) onFailure(title, message)
    const next = pathOf(tests[at + 1]?.group)
    for (const left of path.filter((one) => !next.includes(one)).toReversed()) await runAll(left.hooks.afterAll)
  }
  return tests.length
}

/** Returns a group and those that it is in, the outermost first. */
function pathOf(inner: Group | undefined): Group[] {
  return inner ? [...pathOf(inner.parent), inner] : []
}

async function failureOf(test: Test, path: readonly Group[]): Promise<string | undefined> {
  finished = []
  try {
    for (const { hooks } of path) await runAll(hooks.beforeEach)
    await withTimeout(test)
    return undefined
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : format(error)
  } finally {
    for (const { hooks } of path.toReversed()) await runAll(hooks.afterEach)
    await runAll(finished)
  }
}

async function withTimeout({ run, timeout }: Test): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${timeout} ms`)), timeout)
  })
  try {
    await Promise.race([run(), late])
  } finally {
    clearTimeout(timer)
  }
}

async function runAll(hooks: readonly Hook[]): Promise<void> {
  for (const hook of hooks) await hook()
}
