/** Failures between a relay and its PostgreSQL: no lead is confirmed that is not stored, and nothing hangs. */
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { groupCommit } from '../../../../relay/outbox/group-commit.ts'
import { openPostgres } from '../../../../relay/runtime/node/postgres.ts'
import { openStore } from '../../../../relay/runtime/node/store.ts'
import { startPooler, type Choice } from '../../../support/pooler.ts'
import { withPostgres, type PostgresServer } from '../../../support/postgres.ts'
import { ids, LATER, lead, T, WIDE } from '../../../suites/outbox/leads.ts'
import { connect, optionsOf, startNode } from './nodes.ts'

/** Time-outs in ms: short for a test that waits until no answer comes. */
const SHORT_TIMEOUTS = { connected: 3_000, statement: 10_000, nextStatement: 10_000, answered: 3_000 }

/** Time for what takes a moment, but seconds on a busy machine. */
const SOON = { interval: 1, timeout: 20_000 }

async function open(url: string, timeouts?: typeof SHORT_TIMEOUTS) {
  return (await startNode(url, optionsOf(), timeouts)).outbox
}

/** Makes each addition wait, before its commit or in it, until the test or its connection ends. */
async function blockAdditions(server: PostgresServer, url: string, when: 'before its commit' | 'in its commit') {
  const deferred = when === 'in its commit' ? 'DEFERRABLE INITIALLY DEFERRED' : ''
  await server.ask(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
     CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON form_sync_job ${deferred} FOR EACH ROW EXECUTE FUNCTION wait()`,
    url,
  )
}

/** Kills the connection that waits there. */
async function killBlocked(server: PostgresServer): Promise<void> {
  await vi.waitFor(async () => {
    const killed = await server.ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'form-sync' AND wait_event = 'PgSleep'`,
    )
    expect(killed).toHaveLength(1)
  }, SOON)
}

/** Counts the connections of form-sync to the server. */
async function countConnections(server: PostgresServer): Promise<number> {
  return (await server.ask(`SELECT FROM pg_stat_activity WHERE application_name = 'form-sync'`)).length
}

/** Ends all connections of form-sync, which are idle, and waits until they are gone. */
async function killIdle(server: PostgresServer): Promise<void> {
  expect(await countConnections(server)).toBeGreaterThan(0)
  await server.ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'form-sync'`)
  await vi.waitFor(async () => expect(await countConnections(server)).toBe(0), SOON)
}

/** Starts a proxy between a relay and its database that fails in the way the test sets. */
async function startProxy(server: PostgresServer) {
  const sockets = new Set<Socket>()
  let mode: 'working' | 'silent' | 'closing' | 'losing commits' = 'working'
  const proxy = createServer((client) => {
    const upstream = connectSocket(server.socket())
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => {})
      from.on('close', () => to.destroy())
      from.on('data', (bytes) => {
        if (mode === 'losing commits' && from === upstream && bytes.includes('COMMIT')) client.destroy()
        else if (mode !== 'silent') to.write(bytes)
      })
    }
    if (mode === 'closing') client.end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  const { port } = proxy.address() as AddressInfo
  return {
    url: (url: string) =>
      `postgres://postgres@127.0.0.1:${port}/postgres${new URL(url).search.replace(/host=[^&]*&/, '')}`,
    become: (next: typeof mode) => void (mode = next),
  }
}

withPostgres({ fsync: 'off' }, (server) => {
  describe('a relay whose PostgreSQL fails', () => {
    it.each(['before its commit', 'in its commit'] as const)(
      'rejects an addition whose connection was killed %s, and stores none of its leads',
      async (when) => {
        const url = await server.schema()
        const outbox = await open(url)
        await blockAdditions(server, url, when)

        const adding = outbox.add([lead('a'), lead('b')], T)
        await Promise.all([expect(adding).rejects.toThrow('terminating connection'), killBlocked(server)])
        await server.ask('DROP FUNCTION wait CASCADE', url)

        expect(await outbox.status(T)).toMatchObject({ waiting: 0 })
        await outbox.add([lead('a')], T)
        expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
      },
    )

    it('rejects an addition of which the answer was lost, and stores its lead once when it is added again', async () => {
      const proxy = await startProxy(server)
      const outbox = await open(proxy.url(await server.schema()))

      proxy.become('losing commits')
      await expect(outbox.add([lead('a')], T)).rejects.toThrow('Connection terminated unexpectedly')
      proxy.become('working')
      const stored = await outbox.find('a')
      await outbox.add([lead('a')], T)

      expect(stored).toMatchObject({ state: 'waiting' })
      expect(await outbox.claim(T, LATER, 10)).toHaveLength(1)
      expect(await outbox.status(T)).toMatchObject({ waiting: 1 })
    })

    it('rejects additions when the network has gone silent, and goes on once it works again', async () => {
      const proxy = await startProxy(server)
      const outbox = await open(proxy.url(await server.schema()), SHORT_TIMEOUTS)

      proxy.become('silent')
      const adding = Array.from({ length: 10 }, (_, n) => outbox.add([lead(`lead-${n}`)], T))
      const outcomes = (await Promise.allSettled(adding)).map(({ status }) => status)
      proxy.become('working')
      await vi.waitFor(() => outbox.add([lead('a')], T), SOON)

      expect(new Set(outcomes)).toStrictEqual(new Set(['rejected']))
      expect(await outbox.find('a')).toMatchObject({ state: 'waiting' })
    })

    it('rejects additions when a proxy closes each connection', async () => {
      const proxy = await startProxy(server)
      const outbox = await open(proxy.url(await server.schema()), SHORT_TIMEOUTS)

      proxy.become('closing')
      await killIdle(server)

      // The connection ends while it is used, or the server's last message is read first.
      await expect(outbox.add([lead('a')], T)).rejects.toThrow(/^(Connection terminated|terminating connection)/)
    })

    it('goes on by itself after the server was down, with all leads that were confirmed', async () => {
      const outbox = await open(await server.schema())
      const add = groupCommit(outbox.add, setImmediate)
      const confirmed: string[] = []
      let failed = 0
      async function addUntil(visitor: number, isDone: () => boolean): Promise<void> {
        for (let n = 0; !isDone(); n += 1) {
          const id = `${visitor}-${n}`
          await add([lead(id)], T).then(
            () => confirmed.push(id),
            () => (failed += 1),
          )
        }
      }

      const adding = [1, 2, 3].map((visitor) => addUntil(visitor, () => failed > 2))
      await vi.waitFor(() => expect(confirmed.length).toBeGreaterThan(20), SOON)
      await server.stop()
      await Promise.all(adding)
      await server.start()
      await vi.waitFor(() => add([lead('after')], T), SOON)

      const found = await Promise.all(confirmed.map((id) => outbox.find(id)))
      expect(found.filter((job) => job?.state !== 'waiting')).toStrictEqual([])
      expect(await outbox.claim(T, LATER, 1)).toHaveLength(1)
    })

    it('rejects an addition while a person has locked the tables by hand, and goes on after that', async () => {
      const url = await server.schema()
      const outbox = await open(url, { ...SHORT_TIMEOUTS, statement: 1_000, answered: 30_000 })
      const locking = server.ask(`BEGIN; LOCK TABLE form_sync_job; SELECT pg_sleep(60) /* by hand */`, url)
      const byHand = `FROM pg_stat_activity WHERE query LIKE '%/* by hand */' AND wait_event = 'PgSleep'`
      await vi.waitFor(async () => expect(await server.ask(`SELECT ${byHand}`)).toHaveLength(1), SOON)

      await expect(outbox.add([lead('a')], T)).rejects.toThrow('statement timeout')

      await Promise.all([expect(locking).rejects.toThrow(), server.ask(`SELECT pg_terminate_backend(pid) ${byHand}`)])
      await vi.waitFor(() => outbox.add([lead('a')], T), SOON)
    })

    it('leaves no connection open on which a statement failed', async () => {
      const url = await server.schema()
      const outbox = await open(url)
      await server.ask(`ALTER TABLE form_sync_job ADD CONSTRAINT refused CHECK (id <> 'refused')`, url)

      const adding = Array.from({ length: 20 }, () => outbox.add([lead('refused')], T))
      const outcomes = (await Promise.allSettled(adding)).map(({ status }) => status)
      await outbox.add([lead('a')], T)

      expect(new Set(outcomes)).toStrictEqual(new Set(['rejected']))
      await vi.waitFor(async () => expect(await countConnections(server)).toBeLessThanOrEqual(5), SOON)
    })

    it('says what the database refused without a word of the lead', async () => {
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
    it('stores the leads that share a write with a lead that is refused', async () => {
      const url = await server.schema()
      const { outbox, schedule, close } = await openPostgres(url, optionsOf())
      onTestFinished(close)
      await server.ask(`ALTER TABLE form_sync_job ADD CONSTRAINT refused CHECK (id <> 'refused')`, url)
      const add = groupCommit(outbox.add, schedule)

      const adding = await Promise.allSettled(['a', 'refused', 'b'].map((id) => add([lead(id)], T)))

      expect(adding.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'fulfilled'])
      // Each was stored alone, in no promised order.
      const claimed = await outbox.claim(T, LATER, 10)
      expect(ids(claimed.flatMap(({ jobs }) => jobs)).toSorted()).toStrictEqual(['a', 'b'])
    })

    it('sets its clock by the server', async () => {
      const { now, close } = await openPostgres(await server.schema(), optionsOf())
      onTestFinished(close)
      const before = now()
      const [row] = await server.ask<{ now: number }>(
        'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS now',
      )
      const after = now()

      // The clock is as exact as half of the round trip by which it was set: up to seconds on a busy machine.
      expect(row!.now).toBeGreaterThanOrEqual(before - 5_000)
      expect(row!.now).toBeLessThanOrEqual(after + 5_000)
    })

    it.each([
      ['off', 'on'],
      ['remote_write', 'remote_write'],
    ])('waits for the disk where synchronous_commit is %s', async (configured, expected) => {
      const url = await server.schema()
      await server.ask(`ALTER ROLE postgres SET synchronous_commit = ${configured}`)
      onTestFinished(async () => void (await server.ask('ALTER ROLE postgres RESET synchronous_commit')))

      const shown = await connect(url).run('SHOW synchronous_commit')

      expect(shown).toStrictEqual([{ synchronous_commit: expected }])
    })

    it('fails where the server does not wait for its disk', async () => {
      const url = await server.schema()
      const reload = `SELECT pg_reload_conf()`
      await server.ask('ALTER SYSTEM SET fsync = off')
      await server.ask(reload)
      onTestFinished(async () => {
        await server.ask('ALTER SYSTEM RESET fsync')
        await server.ask(reload)
      })
      await vi.waitFor(async () => expect(await server.ask('SHOW fsync')).toEqual([{ fsync: 'off' }]), SOON)

      await expect(openPostgres(url, optionsOf())).rejects.toThrow('fsync is off')
    })

    it('fails where the database holds ASCII only', async () => {
      await server.ask(`CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0`)
      const url = (await server.schema()).replace('/postgres?', '/ascii?')

      await expect(openPostgres(url, optionsOf())).rejects.toThrow(
        "its encoding is SQL_ASCII. Create a database WITH ENCODING 'UTF8'",
      )
    })

    it('fails on a standby', async () => {
      const url = await server.schema()
      await server.stop('SIGINT')
      await server.start(true)
      onTestFinished(async () => {
        await server.stop('SIGINT')
        await server.start()
      })

      await expect(openPostgres(url, optionsOf())).rejects.toThrow(
        'it is a standby. Set FORM_SYNC_DATABASE to the primary',
      )
    })

    it('says what is wrong and what to do, and never the password', async () => {
      const url = (await server.schema()).replace('/postgres?', '/missing?password=sesame&')

      const error = await openPostgres(url, optionsOf()).catch((error: unknown) => String(error))

      expect(error).toContain('database "missing" does not exist. Create the database, or name another')
      expect(error).not.toContain('sesame')
    })

    it('names the database when the last step of a start fails, too', async () => {
      const url = await server.schema()
      const start = () =>
        openStore(
          {
            database: url,
            limits: WIDE,
            marketo: { endpoint: 'https://marketo.example', userId: 'a', secretKey: 'b' },
          },
          'no folder',
          () => {},
        )
      await (await start()).close()
      await server.ask('ALTER TABLE form_sync_control RENAME TO gone', url)

      await expect(start()).rejects.toThrow(
        /^postgres:\/\/\/postgres cannot be used as an outbox: .*"form_sync_control" does not exist/,
      )
    })

    it.each<Choice>(['used last', 'free for longest'])(
      'is refused behind a pooler in transaction mode that lends the connection %s',
      async (choice) => {
        const proxy = await startProxy(server)
        const port = await startPooler(server.socket(), choice)
        const url = proxy.url(await server.schema()).replace(/:\d+\//, `:${port}/`)

        await expect(openPostgres(url, optionsOf())).rejects.toThrow(
          /cannot be used as an outbox: a pooler gives each transaction another connection.* Set its pool_mode to session/,
        )
      },
    )

    it('says where no server listens', async () => {
      const proxy = await startProxy(server)
      const url = proxy.url(await server.schema()).replace(/:\d+\//, ':1/')

      await expect(openPostgres(url, optionsOf())).rejects.toThrow(
        'postgres://127.0.0.1:1/postgres cannot be used as an outbox: connect ECONNREFUSED 127.0.0.1:1. Check that the server runs',
      )
    })
  })
})
