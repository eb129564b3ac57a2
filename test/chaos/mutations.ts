/**
 * Ways to break the relay, one at a time: each must be given away by a run, else the run proves nothing.
 *
 * Each is a few changes of its source. A text that stands there no more, or twice, is told by a test. Those of Node are
 * mostly of what all platforms share; the others' are of what each has for itself.
 */
import type { PlatformName } from './run.ts'

export interface Mutation {
  /** What is wrong with the relay then. */
  name: string
  changes: readonly Change[]
}

export interface Change {
  file: string
  find: string
  put: string
}

function mutation(name: string, ...changes: readonly (readonly [file: string, find: string, put: string])[]): Mutation {
  return { name, changes: changes.map(([file, find, put]) => ({ file, find, put })) }
}

const ON_NODE: readonly Mutation[] = [
  mutation('it answers before the lead is written', [
    'relay/http/app.ts',
    'await outbox.add([intake.lead], at)',
    'void outbox.add([intake.lead], at)',
  ]),
  mutation('leads are kept in memory', [
    'relay/runtime/node/open-outbox.ts',
    'const outbox = createSqlOutbox(sql, limits)',
    "const outbox = (await import('../outbox/memory.ts')).createMemoryOutbox(limits)",
  ]),
  mutation('it settles before it sends', [
    'relay/delivery/dispatcher.ts',
    '    const verdicts = await deliver(call.turns)\n',
    `    const early = call.turns.flat().map((job): Settlement => ({ id: job.lead.id, attempt: job.attempt, kind: 'delivered', leadId: 1 }))
    await write({ call, settlements: early })
    const verdicts = await deliver(call.turns)\n`,
  ]),
  mutation(
    'several jobs of one person go at once',
    ['relay/outbox/sqlite/outbox.ts', "THEN 'behind' ELSE 'ready' END", "THEN 'ready' ELSE 'ready' END"],
    ['relay/outbox/sqlite/schema.ts', 'CREATE UNIQUE INDEX job_head', 'CREATE INDEX job_head'],
  ),
  mutation('a job that is out is due at once', [
    'relay/outbox/sqlite/claim.ts',
    "'UPDATE job SET due_at = ?, call = ?, attempts = ? WHERE seq = ?', until,",
    "'UPDATE job SET due_at = ?, call = ?, attempts = ? WHERE seq = ?', 0,",
  ]),
  mutation(
    'the lease is shorter than the deadline',
    ['relay/outbox/limits/limits.ts', 'return Math.ceil(', 'return 400 // '],
    ['relay/delivery/dispatcher.ts', 'if (startedAt + limits.timeout > call.until)', 'if (startedAt > call.until)'],
  ),
  mutation(
    'what may still be at work is sent again at once',
    [
      'relay/delivery/retry-policy.ts',
      "const dueAt = now + after + jitter(schedule.lead, failures, circumstances)\n  return { kind: 'retry', dueAt: uncertain ? Math.max(dueAt, call.until) : dueAt, reason }",
      "const dueAt = now + after + jitter(schedule.lead, failures, circumstances)\n  return { kind: 'retry', dueAt, reason }",
    ],
    [
      'relay/delivery/retry-policy.ts',
      'const dueAt = Math.max(call.until, now + after + jitter(schedule.lead, failures, circumstances))',
      'const dueAt = now + after + jitter(schedule.lead, failures, circumstances)',
    ],
  ),
  mutation('a call that was held up after the claim is sent all the same', [
    'relay/delivery/dispatcher.ts',
    'if (startedAt + limits.timeout > call.until)',
    'if (startedAt === call.until)',
  ]),
  mutation('a settlement counts for whatever attempt is out', [
    'relay/outbox/sqlite/settle.ts',
    'WHERE id = ? AND attempts = ? AND call IS NOT NULL',
    'WHERE id = ? AND ? > 0 AND call IS NOT NULL',
  ]),
  mutation('an id that comes again is another lead', ['relay/intake/intake.ts', 'id: id ?? newId()', 'id: newId()']),
  mutation('an id that comes again replaces what was kept', [
    'relay/outbox/sqlite/outbox.ts',
    'ON CONFLICT (id) DO NOTHING',
    'ON CONFLICT (id) DO UPDATE SET lead = excluded.lead, person = excluded.person, due_at = excluded.due_at, state = excluded.state',
  ]),
  mutation('of merged answers the first wins', [
    'relay/delivery/merge.ts',
    'leads.flatMap(({ attributes })',
    '[...leads].reverse().flatMap(({ attributes })',
  ]),
  mutation('what Marketo refused of a lead is forgotten', [
    'relay/outbox/sqlite/settle.ts',
    'if (left.attributes.length > 0)',
    'if (left.attributes.length > 1_000)',
  ]),
  mutation('FAILED is taken for a success', [
    'relay/marketo/soap/verdicts.ts',
    "if (status === 'CREATED' || status === 'UPDATED')",
    "if (status === 'FAILED') return { kind: 'sent', leadId: leadId ?? 700_001 }\n  if (status === 'CREATED' || status === 'UPDATED')",
  ]),
  mutation('half an answer is taken for a success', [
    'relay/marketo/soap/verdicts.ts',
    "  if (outcome.kind !== 'done')",
    "  if (outcome.kind === 'unreadable') return leads.map(() => ({ kind: 'sent', leadId: 700_001 }))\n  if (outcome.kind !== 'done')",
  ]),
  mutation('it calls twice as fast as it may', [
    'relay/outbox/limits/token-bucket.ts',
    'return WINDOW / Math.max(1, callsPer20s - burstOf(callsPer20s))',
    'return WINDOW / 2 / Math.max(1, callsPer20s - burstOf(callsPer20s))',
  ]),
  mutation('a restart forgets what was used of the limits', [
    'relay/outbox/sqlite/outbox.ts',
    'writeAllowance(sql, caughtUp(readAllowance(sql), now))',
    "sql.run('DELETE FROM allowance')",
  ]),
  mutation('it counts no calls at once', [
    'relay/outbox/limits/call-budget.ts',
    'atOnceOf(allowance, limits, now) - out,',
    'atOnceOf(allowance, limits, now),',
  ]),
  mutation('it counts no calls of the day', [
    'relay/outbox/limits/call-budget.ts',
    'limits.callsPerDay - spent,',
    'limits.callsPerDay,',
  ]),
  mutation('a clock that was set back makes leads wait', [
    'relay/outbox/clock-skew.ts',
    'export const LONGEST_WAIT = 2 * 3_600_000',
    'export const LONGEST_WAIT = 1_000 * 3_600_000',
  ]),
  mutation(
    'a transaction that dies leaves half of its work',
    ['relay/runtime/node/sqlite-file.ts', "db.exec('BEGIN IMMEDIATE')", '// each statement by itself'],
    ['relay/runtime/node/sqlite-file.ts', "db.exec('COMMIT')", "db.exec('BEGIN')\n          db.exec('COMMIT')"],
  ),
]

const ON_POSTGRES: readonly Mutation[] = [
  mutation('it answers before the lead is written', [
    'relay/outbox/postgres/outbox.ts',
    'else await database.transaction(async (sql) => add(sql, leads, dueAt))',
    'else void database.transaction(async (sql) => add(sql, leads, dueAt)).catch(() => {})',
  ]),
  mutation('the database says that a lead is kept before it is on the disk', [
    'relay/runtime/node/postgres-pool.ts',
    "const synchronous = `coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on')`",
    "const synchronous = `'off'`",
  ]),
  mutation(
    'several jobs of one person go at once',
    ['relay/outbox/postgres/add.ts', "THEN 'ready' ELSE 'behind' END", "THEN 'ready' ELSE 'ready' END"],
    ['relay/outbox/postgres/schema.ts', 'CREATE UNIQUE INDEX form_sync_job_head', 'CREATE INDEX form_sync_job_head'],
    [
      'relay/outbox/postgres/ordering.ts',
      "(SELECT seq FROM form_sync_job WHERE line = its_line AND state = 'ready')",
      "(SELECT min(seq) FROM form_sync_job WHERE line = its_line AND state = 'ready')",
    ],
  ),
  mutation('a job that one node has out is due at once for all', [
    'relay/outbox/postgres/claim.ts',
    'SET due_at = $1, call = begun.id',
    'SET due_at = $1 - $1, call = begun.id',
  ]),
  mutation(
    'a node that starts takes the calls of the others for over',
    [
      'relay/outbox/postgres/outbox.ts',
      "sql.send('UPDATE form_sync_call SET until = $1 WHERE until > $1', over)",
      "sql.send('UPDATE form_sync_call SET until = $1 WHERE until > $1', now)",
    ],
    [
      'relay/outbox/postgres/outbox.ts',
      "sql.send('UPDATE form_sync_job SET due_at = $1 WHERE call IS NOT NULL AND due_at > $1', over)",
      "sql.send('UPDATE form_sync_job SET due_at = $1 WHERE call IS NOT NULL AND due_at > $1', now)",
    ],
  ),
  mutation(
    'each node counts the calls of its own alone',
    ['relay/outbox/postgres/claim.ts', 'const FEW = 4', 'const FEW = 4\nlet own = UNUSED'],
    [
      'relay/outbox/postgres/claim.ts',
      "import { allowed, used } from '../allowance.ts'",
      "import { allowed, UNUSED, used } from '../allowance.ts'",
    ],
    [
      'relay/outbox/postgres/claim.ts',
      'const may = Math.min(most, allowed(allowance, limits, out, now), halt ? 1 : Infinity)',
      'const may = Math.min(most, allowed(own, limits, out, now), halt ? 1 : Infinity)',
    ],
    [
      'relay/outbox/postgres/claim.ts',
      'allowance: used(allowance, limits, claimed.length, now),',
      'allowance: (own = used(own, limits, claimed.length, now)),',
    ],
  ),
  mutation('nobody waits for the node that holds the desk', [
    'relay/outbox/postgres/control-row.ts',
    "'SELECT allowance, halt FROM form_sync_desk FOR UPDATE'",
    "'SELECT allowance, halt FROM form_sync_desk'",
  ]),
  mutation('it counts no calls at once', [
    'relay/outbox/postgres/calls.ts',
    "'SELECT count(*) AS out, min(until)",
    "'SELECT 0::bigint AS out, min(until)",
  ]),
]

const ON_WORKERD: readonly Mutation[] = [
  mutation('the Worker answers before it gives the lead to the object', [
    'relay/runtime/cloudflare/objects.ts',
    'shareCalls(async (leads, dueAt) => object().add([...leads], dueAt), CONTEXT)',
    'async (leads, dueAt) => void setTimeout(() => void object().add([...leads], dueAt), 100)',
  ]),
  mutation('of those that share a call only one lead is given to the object', [
    'relay/runtime/cloudflare/batch-calls.ts',
    'await addTogether(add, waiting.splice(0, AT_MOST))',
    'await addTogether((leads, dueAt) => add(leads.slice(0, 1), dueAt), waiting.splice(0, AT_MOST))',
  ]),
  mutation('the object answers before it writes', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'await this.#outbox.add(leads, dueAt)',
    'setTimeout(() => void this.#outbox.add(leads, dueAt), 200)',
  ]),
  mutation('the alarm is not set', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'await this.ctx.storage.setAlarm(at)',
    'await Promise.resolve(at)',
  ]),
  mutation('its clock dies with the object', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'await this.ctx.storage.setAlarm(at)',
    'setTimeout(() => void this.alarm(), at - Date.now())',
  ]),
]

const ON_SEVERAL_OBJECTS: readonly Mutation[] = [
  mutation('each object takes all of the limits', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'this.#outbox = createSqlOutbox(durableObjectSql(state.storage), limits)',
    'this.#outbox = createSqlOutbox(durableObjectSql(state.storage), all)',
  ]),
  mutation('leads are spread by their id, not by their person', [
    'relay/outbox/sharding.ts',
    'Map.groupBy(leads, ({ person }) => shardOf(person, shards.length))',
    'Map.groupBy(leads, ({ id }) => shardOf(id, shards.length))',
  ]),
]

export const MUTATIONS: Readonly<Record<PlatformName, readonly Mutation[]>> = {
  node: ON_NODE,
  postgres: ON_POSTGRES,
  workerd: ON_WORKERD,
  'workerd-sharded': ON_SEVERAL_OBJECTS,
}
