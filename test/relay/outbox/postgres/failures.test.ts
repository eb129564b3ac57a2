/** What may go wrong between a relay and its PostgreSQL: nothing is said to be kept that is not, and nothing hangs. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { groupCommit } from '../../../../relay/outbox/group-commit.ts'
import { createPostgresOutbox } from '../../../../relay/outbox/postgres/outbox.ts'
import { connectPostgres } from '../../../../relay/runtime/node/postgres-pool.ts'
import { openPostgres } from '../../../../relay/runtime/node/postgres.ts'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { jobsOf, LATER, lead, T, WIDE } from '../../../suites/outbox/leads.ts'

/** Short, so that a test that waits for one does not take long. */
const WAITS = { connected: 1_000, statement: 5_000, nextStatement: 5_000, answered: 1_000 }

/** On a busy machine what is done within a short time takes several tries. */
const SOON = { interval: 1, timeout: 10_000 }

async function open(url: string, waits?: typeof WAITS) {
  const database = connectPostgres(url, waits)
  onTestFinished(() => database.close())
  return createPostgresOutbox(database, WIDE)
}

/** Has an addition wait where `when` says, until the test is over or its connection is. */
async function obstruct(server: PostgresServer, url: string, when: 'on the way' | 'in its commit'): Promise<void> {
  const late = when === 'in its commit' ? 'DEFERRABLE INITIALLY DEFERRED' : ''
  await server.ask(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
     CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON form_sync_job ${late} FOR EACH ROW EXECUTE FUNCTION wait()`,
    url,
  )
}

/** Kills the connection that waits there. */
async function killWaiting(server: PostgresServer): Promise<void> {
  await vi.waitFor(async () => {
    const killed = await server.ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'form-sync' AND wait_event = 'PgSleep'`,
    )
    expect(killed).toHaveLength(1)
  }, SOON)
}

/** How many connections of ours the server has. */
async function connections(server: PostgresServer): Promise<number> {
  return (await server.ask(`SELECT FROM pg_stat_activity WHERE application_name = 'form-sync'`)).length
}

/** What lies between a relay and its database. */
async function startNetwork(server: PostgresServer) {
  const sockets = new Set<Socket>()
  let mood: 'fine' | 'silent' | 'closing' | 'losing commits' = 'fine'
  const network = createServer((here) => {
    const there = connect(server.socket())
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => other.destroy())
      one.on('data', (bytes) => {
        if (mood === 'losing commits' && one === there && bytes.includes('COMMIT')) here.destroy()
        else if (mood !== 'silent') other.write(bytes)
      })
    }
    if (mood === 'closing') here.end()
  })
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    network.close()
  })
  const { port } = network.address() as AddressInfo
  return {
    url: (url: string) =>
      `postgres://postgres@127.0.0.1:${port}/postgres${new URL(url).search.replace(/host=[^&]*&/, '')}`,
    become: (next: typeof mood) => void (mood = next),
  }
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('a relay whose PostgreSQL fails it', () => {
    it.each(['on the way', 'in its commit'] as const)(
      'does not say that it kept leads whose connection was killed %s, and keeps none of them',
      async (when) => {
        const url = await server.schema()
        const outbox = await open(url)
        await obstruct(server, url, when)

        const adding = outbox.add([lead('a'), lead('b')], T)
        await Promise.all([expect(adding).rejects.toThrow('terminating connection'), killWaiting(server)])
        await server.ask('DROP FUNCTION wait CASCADE', url)

        expect(await outbox.status(T)).toMatchObject({ waiting: 0 })
        await outbox.add([lead('a')], T)
        expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
      },
    )

    it('does not say that it kept a lead where the answer was lost, and keeps it once when it comes again', async () => {
      const url = await server.schema()
      const network = await startNetwork(server)
      const outbox = await open(network.url(url))

      network.become('losing commits')
      await expect(outbox.add([lead('a')], T)).rejects.toThrow('Connection terminated unexpectedly')
      network.become('fine')
      const kept = await outbox.find('a')
      await outbox.add([lead('a')], T)

      expect(kept).toMatchObject({ state: 'waiting' })
      expect((await outbox.claim(T, LATER, 10)).flatMap(jobsOf)).toHaveLength(1)
    })

    it('is not kept waiting by a network that has gone silent, and goes on once it is back', async () => {
      const url = await server.schema()
      const network = await startNetwork(server)
      const outbox = await open(network.url(url), WAITS)

      network.become('silent')
      const adding = Array.from({ length: 10 }, (_, n) => outbox.add([lead(`lead-${n}`)], T))
      const outcomes = (await Promise.allSettled(adding)).map(({ status }) => status)
      network.become('fine')
      await vi.waitFor(() => outbox.add([lead('a')], T), SOON)

      expect(new Set(outcomes)).toStrictEqual(new Set(['rejected']))
      expect((await outbox.claim(T, LATER, 10)).flatMap(jobsOf).map(({ lead: { id } }) => id)).toContain('a')
    })

    it('is not kept waiting by a proxy that hangs up', async () => {
      const network = await startNetwork(server)
      const outbox = await open(network.url(await server.schema()), WAITS)
      const ours = await connections(server)

      network.become('closing')
      await killIdle(server, ours)

      await expect(outbox.add([lead('a')], T)).rejects.toThrow('Connection terminated')
    })

    it('goes on by itself after the server was gone, with all that it had said it kept', async () => {
      const outbox = await open(await server.schema())
      const add = groupCommit(outbox.add, setImmediate)
      const kept: string[] = []
      let failed = 0
      async function adding(mine: number, until: () => boolean): Promise<void> {
        for (let n = 0; !until(); n += 1) {
          const id = `${mine}-${failed}-${n}`
          await add([lead(id)], T).then(
            () => kept.push(id),
            () => (failed += 1),
          )
        }
      }

      const before = [1, 2, 3].map((mine) => adding(mine, () => failed > 2))
      await vi.waitFor(() => expect(kept.length).toBeGreaterThan(20), SOON)
      await server.stop()
      await Promise.all(before)
      const stopped = kept.length
      await server.start()
      await vi.waitFor(() => add([lead('after')], T), SOON)

      const found = await Promise.all(kept.map((id) => outbox.find(id)))
      expect(found.filter((job) => job?.state === 'waiting')).toHaveLength(stopped)
      expect((await outbox.claim(T, LATER, 1)).flatMap(jobsOf)).toHaveLength(1)
    })

    it('is not kept waiting by someone who locks the tables by hand', async () => {
      const url = await server.schema()
      const outbox = await open(url, { ...WAITS, statement: 100, answered: 5_000 })
      const locked = server.ask(`BEGIN; LOCK TABLE form_sync_job; SELECT pg_sleep(60) /* by hand */`, url)
      const byHand = `FROM pg_stat_activity WHERE query LIKE '%/* by hand */' AND wait_event = 'PgSleep'`
      await vi.waitFor(async () => expect(await server.ask(`SELECT ${byHand}`)).toHaveLength(1), SOON)

      await expect(outbox.add([lead('a')], T)).rejects.toThrow('statement timeout')

      await Promise.all([expect(locked).rejects.toThrow(), server.ask(`SELECT pg_terminate_backend(pid) ${byHand}`)])
      await vi.waitFor(() => outbox.add([lead('a')], T), SOON)
    })

    it('leaves no connection behind, whatever fails on it', async () => {
      const url = await server.schema()
      const outbox = await open(url)
      await server.ask(`ALTER TABLE form_sync_job ADD CONSTRAINT refused CHECK (id <> 'refused')`, url)

      const adding = Array.from({ length: 20 }, () => outbox.add([lead('refused')], T))
      const outcomes = (await Promise.allSettled(adding)).map(({ status }) => status)
      await outbox.add([lead('a')], T)

      expect(new Set(outcomes)).toStrictEqual(new Set(['rejected']))
      await vi.waitFor(async () => expect(await connections(server)).toBeLessThanOrEqual(5), SOON)
    })

    it('tells what was refused without a word of the lead', async () => {
      const url = await server.schema()
      const outbox = await open(url)
      await server.ask(`ALTER TABLE form_sync_job ADD CONSTRAINT refused CHECK (id <> 'refused')`, url)

      const error = await outbox.add([lead('refused', { person: 'zoe' })], T).catch((error: unknown) => error)

      expect(error).toMatchObject({ code: '23514' })
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/zoe|George/)
    })
  })
})

withPostgres({}, (server) => {
  describe('opening an outbox on PostgreSQL', () => {
    it('keeps the leads that came with one that is refused', async () => {
      const url = await server.schema()
      const { outbox, soon, close } = await openPostgres(url, WIDE)
      onTestFinished(close)
      await server.ask(`ALTER TABLE form_sync_job ADD CONSTRAINT refused CHECK (id <> 'refused')`, url)
      const add = groupCommit(outbox.add, soon)

      const adding = await Promise.allSettled(['a', 'refused', 'b'].map((id) => add([lead(id)], T)))

      expect(adding.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((await outbox.claim(T, LATER, 10)).flatMap(jobsOf).map((job) => job.lead.id)).toStrictEqual(['a', 'b'])
    })

    it('takes over the clock of the server', async () => {
      const { now, close } = await openPostgres(await server.schema())
      onTestFinished(close)

      const before = now()
      const [row] = await server.ask<{ now: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
      )
      const after = now()

      // Rounded down, and as exact as a way there and back is short.
      expect(row!.now).toBeGreaterThanOrEqual(before - 50)
      expect(row!.now).toBeLessThanOrEqual(after + 50)
    })

    it.each([
      ['off', 'on'],
      ['remote_write', 'remote_write'],
    ])('waits for the disk where the server is told %s', async (told, expected) => {
      const url = await server.schema()
      await server.ask(`ALTER ROLE postgres SET synchronous_commit = ${told}`)
      onTestFinished(async () => void (await server.ask('ALTER ROLE postgres RESET synchronous_commit')))
      const database = connectPostgres(url)
      onTestFinished(() => database.close())

      const shown = await database.run('SHOW synchronous_commit')

      expect(shown).toStrictEqual([{ synchronous_commit: expected }])
    })

    it('is refused where the server does not wait for its disk', async () => {
      const url = await server.schema()
      const reload = `SELECT pg_reload_conf()`
      await server.ask('ALTER SYSTEM SET fsync = off')
      await server.ask(reload)
      onTestFinished(async () => {
        await server.ask('ALTER SYSTEM RESET fsync')
        await server.ask(reload)
      })
      await vi.waitFor(async () => expect(await server.ask('SHOW fsync')).toEqual([{ fsync: 'off' }]), SOON)

      await expect(openPostgres(url)).rejects.toThrow('fsync is off')
    })

    it('is refused where the server keeps no letter but those of ASCII', async () => {
      await server.ask(`CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0`)
      const url = (await server.schema()).replace('/postgres?', '/ascii?')

      await expect(openPostgres(url)).rejects.toThrow(
        "its encoding is SQL_ASCII. Create a database WITH ENCODING 'UTF8'",
      )
    })

    it('is refused on a standby', async () => {
      const url = await server.schema()
      await server.stop('SIGINT')
      await server.start(true)
      onTestFinished(async () => {
        await server.stop('SIGINT')
        await server.start()
      })

      await expect(openPostgres(url)).rejects.toThrow('it is a standby. Set FORM_SYNC_DATABASE to the primary')
    })

    it('tells what is wrong and what to do, and never the password', async () => {
      const url = (await server.schema()).replace('/postgres?', '/missing?password=sesame&')

      const error = await openPostgres(url).catch((error: unknown) => String(error))

      expect(error).toContain('database "missing" does not exist. Create the database, or name another')
      expect(error).not.toContain('sesame')
    })

    it('tells which database it is also where the last step of a start fails', async () => {
      const url = await server.schema()
      const start = () => openStore({ database: url, limits: WIDE }, 'no folder', () => {})
      await (await start()).close()
      await server.ask('ALTER TABLE form_sync_desk RENAME TO gone', url)

      await expect(start()).rejects.toThrow(
        /^postgres:\/\/\/postgres cannot be used as an outbox: .*"form_sync_desk" does not exist/,
      )
    })

    it('tells where nobody listens', async () => {
      const network = await startNetwork(server)
      const nobody = network.url(await server.schema()).replace(/:\d+\//, ':1/')

      await expect(openPostgres(nobody)).rejects.toThrow(
        'postgres://127.0.0.1:1/postgres cannot be used as an outbox: connect ECONNREFUSED 127.0.0.1:1. Check that the server runs',
      )
    })
  })
})

/** Ends the connections that nobody uses, and waits until they are gone. */
async function killIdle(server: PostgresServer, count: number): Promise<void> {
  expect(count).toBeGreaterThan(0)
  await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'form-sync'`)
  await vi.waitFor(async () => expect(await connections(server)).toBe(0), SOON)
}
