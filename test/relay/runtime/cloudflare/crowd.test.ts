/** The product's Worker and its object in a workerd of their own, as the bench starts them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PATH } from '../../../bench/accept/form.ts'
import { bundleWorker, startWorkerd } from '../../../bench/accept/servers.ts'

const VISITORS = 64

/** After so many milliseconds a request gives the others up: none should have to. */
const PATIENCE = 10_000

async function startWorker(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-crowd-'))
  const server = await startWorkerd('relay', join(folder, 'relay'), bundleWorker(join(folder, 'worker')))
  onTestFinished(async () => {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${server.port}`
}

/** Posts so many leads, each of a person of its own. An answer is what came back; undefined where the visitor went away. */
async function post(url: string, leads: number, leavesAfter?: (lead: number) => number | undefined) {
  const answers = new Map<string, string | undefined>()
  let longest = 0
  async function visitor(): Promise<void> {
    while (answers.size < leads) {
      const lead = answers.size
      const id = `019b0000-0000-7000-8000-${String(lead).padStart(12, '0')}`
      answers.set(id, undefined)
      const body = new URLSearchParams({ LastName: 'Doe', Email: `visitor-${lead}@acme.example`, _id: id })
      const from = performance.now()
      const ms = leavesAfter?.(lead)
      const signal = ms === undefined ? null : AbortSignal.timeout(ms)
      const response = fetch(`${url}${PATH}`, { method: 'POST', body, headers: { accept: 'application/json' }, signal })
      const answer = response.then((response) => response.text())
      answers.set(id, await (signal ? answer.catch(() => undefined) : answer))
      longest = Math.max(longest, performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: VISITORS }, visitor))
  const ready = await fetch(`${url}/readyz`)
  const { backlog } = (await ready.json()) as { backlog: number }
  return { answers, backlog, longest }
}

function wrongAmong(answers: Map<string, string | undefined>): unknown[] {
  return [...answers].filter(([id, text]) => text !== undefined && text !== JSON.stringify({ ok: true, id }))
}

describe('a crowd at one Worker', { timeout: 120_000 }, () => {
  it('is told each of its own lead, and all are kept', async () => {
    // More than the runtime takes to compile all that a lead passes through to machine code.
    const leads = 24_000

    const { answers, backlog, longest } = await post(await startWorker(), leads)

    expect(wrongAmong(answers)).toEqual([])
    expect(backlog).toBe(leads)
    expect(longest).toBeLessThan(PATIENCE)
  })

  it('loses nothing by those that go away, who may have called for the others', async () => {
    const leads = 3_000

    const { answers, backlog, longest } = await post(await startWorker(), leads, (lead) =>
      lead % 2 === 0 ? lead % 13 : undefined,
    )

    const answered = [...answers.values()].filter((answer) => answer !== undefined).length
    expect(wrongAmong(answers)).toEqual([])
    expect(answered).toBeGreaterThanOrEqual(leads / 2)
    expect(answered).toBeLessThan(leads)
    expect(backlog).toBeGreaterThanOrEqual(answered)
    expect(longest).toBeLessThan(PATIENCE)
  })
})
