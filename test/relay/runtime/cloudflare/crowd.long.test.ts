/** Runs the product's Worker and its object in workerd, as the benchmark does, with many visitors at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PATH, TOKEN } from '../../../bench/accept/form.ts'
import { bundleWorker, startWorkerd } from '../../../bench/accept/servers.ts'
import { askState } from '../../../support/operator.ts'

const VISITORS = 64

/** A request retries alone after this time. No request should have to. */
const CONFIRM_TIMEOUT_MS = 10_000

async function startWorker(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'form-sync-crowd-'))
  const server = await startWorkerd('relay', join(folder, 'relay'), await bundleWorker(join(folder, 'worker')))
  onTestFinished(async () => {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${server.port}`
}

/**
 * Posts leads of different people. The answers are response bodies by lead id; undefined if the visitor has disconnected.
 */
async function post(url: string, leads: number, disconnectsAfter?: (lead: number) => number | undefined) {
  const answers = new Map<string, string | undefined>()
  let longest = 0
  async function visitor(): Promise<void> {
    while (answers.size < leads) {
      const lead = answers.size
      const id = `019b0000-0000-7000-8000-${String(lead).padStart(12, '0')}`
      answers.set(id, undefined)
      const body = new URLSearchParams({ LastName: 'Doe', Email: `visitor-${lead}@acme.example`, _id: id })
      const from = performance.now()
      const ms = disconnectsAfter?.(lead)
      const signal = ms === undefined ? null : AbortSignal.timeout(ms)
      const response = fetch(`${url}${PATH}`, { method: 'POST', body, headers: { accept: 'application/json' }, signal })
      const answer = response.then((response) => response.text())
      answers.set(id, await (signal ? answer.catch(() => undefined) : answer))
      longest = Math.max(longest, performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: VISITORS }, visitor))
  const ready = await askState(url, TOKEN)
  const { backlog } = (await ready.json()) as { backlog: number }
  return { answers, backlog, longest }
}

function wrongAmong(answers: Map<string, string | undefined>): unknown[] {
  return [...answers].filter(([id, text]) => text !== undefined && text !== JSON.stringify({ ok: true, id }))
}

describe('many visitors at one Worker', { timeout: 120_000 }, () => {
  it('get the confirmation of their own lead, and all leads are stored', async () => {
    // Enough that the runtime compiles all code on a lead's path to machine code.
    const leads = 4_000

    const { answers, backlog, longest } = await post(await startWorker(), leads)

    expect(wrongAmong(answers)).toEqual([])
    expect(backlog).toBe(leads)
    expect(longest).toBeLessThan(CONFIRM_TIMEOUT_MS)
  })

  it('lose no lead when other visitors disconnect whose requests may have made the calls', async () => {
    const leads = 1_000

    const { answers, backlog, longest } = await post(await startWorker(), leads, (lead) =>
      lead % 2 === 0 ? lead % 13 : undefined,
    )

    const answered = [...answers.values()].filter((answer) => answer !== undefined).length
    expect(wrongAmong(answers)).toEqual([])
    expect(answered).toBeGreaterThanOrEqual(leads / 2)
    expect(answered).toBeLessThan(leads)
    expect(backlog).toBeGreaterThanOrEqual(answered)
    expect(longest).toBeLessThan(CONFIRM_TIMEOUT_MS)
  })
})
