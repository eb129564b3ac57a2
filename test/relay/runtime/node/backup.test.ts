/**
 * The backups that docs/storage.md describes, taken while a relay runs under posts, and restored: nothing that was accepted before
 * is lost, and the log names what came after. Marketo does not answer, so that every lead is still in the outbox.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { makeFolder } from '../../../support/folder.ts'
import { startNodeRelay } from '../../../support/node-relay.ts'
import { withPostgres } from '../../../support/postgres.ts'
import { runHere } from '../../../support/command-here.ts'

const run = promisify(execFile)
const DOCS = readFileSync(join(import.meta.dirname, '../../../../docs/storage.md'), 'utf8')

/** Posts that each visitor sends before and after the backup. */
const POSTS = 15

type Relay = Awaited<ReturnType<typeof startNodeRelay>>

/** Posts forms of four visitors at once, all the time. `accepted` grows with each reply of 202. */
function postAll({ post }: Relay): { accepted: string[]; more: () => Promise<void>; end: () => Promise<void> } {
  const accepted: string[] = []
  let isOver = false
  let number = 0
  const visitor = async () => {
    while (!isOver) {
      number += 1
      const response = await post({ Email: `visitor-${number}@acme.example` })
      if (response.status === 202) accepted.push(((await response.json()) as { id: string }).id)
    }
  }
  const visitors = Promise.all([visitor(), visitor(), visitor(), visitor()])
  const more = async () => {
    const until = accepted.length + POSTS
    while (accepted.length < until) await new Promise(setImmediate)
  }
  const end = async () => {
    isOver = true
    await visitors
  }
  return { accepted, more, end }
}

/** Returns the ids that the log names as accepted. */
function acceptedIn(events: readonly LogEvent[]): string[] {
  return events.flatMap((event) => (event.event === 'accepted' ? [event.id] : []))
}

/** Posts while a backup is taken, and restores it. Returns what was accepted before and since, and what is stored then. */
async function backUpUnderPosts(relay: Relay, backUp: () => Promise<unknown>, source: () => string[], env = {}) {
  const posts = postAll(relay)
  await posts.more()
  const before = [...posts.accepted]
  await backUp()
  await posts.more()
  await posts.end()
  await relay.close()
  return {
    before,
    accepted: posts.accepted,
    async stored() {
      const { stdout } = await runHere(['export', ...source()], env)
      return new Set(
        stdout
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { id: string }).id),
      )
    },
  }
}

/** Runs a statement on a file in another process, as `sqlite3` does, which need not be installed. */
function runSqlite(file: string, statement: string): Promise<unknown> {
  const program = `new (require('node:sqlite').DatabaseSync)(process.argv[1]).exec(process.argv[2])`
  return run(process.execPath, ['--eval', program, file, statement])
}

describe('a backup of the file', () => {
  it('has all that was accepted before it, also under posts, and the relay tells how many leads came after', async () => {
    const folder = makeFolder()
    const file = join(folder, 'outbox.sqlite')
    const copy = join(folder, 'copy.sqlite')
    expect(DOCS).toContain(`sqlite3 outbox.sqlite "VACUUM INTO 'copy.sqlite'"`)
    const relay = await startNodeRelay({ folder })

    const { before, accepted, stored } = await backUpUnderPosts(
      relay,
      () => runSqlite(file, `VACUUM INTO '${copy}'`),
      () => ['--data', folder],
    )
    const aside = join(folder, 'aside')
    mkdirSync(aside)
    renameSync(file, join(aside, 'outbox.sqlite'))
    for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
    renameSync(copy, file)
    chmodSync(file, 0o600)
    const restored = await startNodeRelay({ folder })

    const ids = await stored()
    const cameAfter = accepted.filter((id) => !ids.has(id))
    expect(before.filter((id) => !ids.has(id))).toEqual([])
    expect(cameAfter.length).toBeGreaterThanOrEqual(POSTS)
    expect(
      acceptedIn(relay.events)
        .filter((id) => !ids.has(id))
        .toSorted(),
    ).toEqual(cameAfter.toSorted())
    expect(restored.events).toContainEqual(
      expect.objectContaining({ event: 'leads-missing', leads: cameAfter.length }) as LogEvent,
    )
    expect(await restored.issues('missing')).toHaveLength(1)
    expect((await restored.post({ Email: 'after@acme.example' })).status).toBe(202)
  })
})

withPostgres({}, (server) => {
  it('a dump of the database has all that was accepted before it, and the log names what came after', async () => {
    const url = await server.schema()
    const folder = makeFolder()
    const copy = join(folder, 'copy.sql')
    expect(DOCS).toContain(`pg_dump --table='form_sync_*' "$FORM_SYNC_DATABASE" > copy.sql`)
    const env = { FORM_SYNC_DATABASE: url }
    const relay = await startNodeRelay({ folder, env })

    const { before, accepted, stored } = await backUpUnderPosts(
      relay,
      () => run(server.program('pg_dump'), ['--table=form_sync_*', '--file', copy, url]),
      () => [],
      env,
    )
    const tables = await server.ask<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE tablename LIKE 'form\\_sync\\_%'`,
    )
    await server.ask(`DROP TABLE ${tables.map(({ name }) => name).join(', ')}`)
    await run(server.program('psql'), ['--set', 'ON_ERROR_STOP=1', '--file', copy, url])
    const restored = await startNodeRelay({ folder, env })

    const ids = await stored()
    const cameAfter = accepted.filter((id) => !ids.has(id))
    expect(before.filter((id) => !ids.has(id))).toEqual([])
    expect(cameAfter.length).toBeGreaterThan(0)
    expect(
      acceptedIn(relay.events)
        .filter((id) => !ids.has(id))
        .toSorted(),
    ).toEqual(cameAfter.toSorted())
    expect((await restored.post({ Email: 'after@acme.example' })).status).toBe(202)
  })
})
