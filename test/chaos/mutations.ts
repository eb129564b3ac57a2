/**
 * Mutations: ways to break the relay, one at a time. A run must detect each of them, otherwise the run proves nothing.
 *
 * A mutation changes declared symbols of the source, which `symbols.ts` finds by name; a test says which of them does not
 * fit any more. Those of Node mostly break code that all platforms share, the others code of their platform. The file is
 * long because it is one list.
 */
import type { PlatformName } from './run.ts'
import { prepend, replace, replaceBody, type Change } from './symbols.ts'

export interface Mutation {
  /** The defect that the relay then has. */
  name: string
  changes: readonly Change[]
}

type ChangeParts = readonly [file: string, symbol: string, change: Change['change']]

function mutation(name: string, ...changes: readonly ChangeParts[]): Mutation {
  return { name, changes: changes.map(([file, symbol, change]) => ({ file, symbol, change })) }
}

// HTTP, intake, runtimes and Marketo.

const NODE: readonly Mutation[] = [
  mutation('it answers before the lead is written', [
    'relay/http/app.ts',
    'createApp',
    replace('await outbox.add([isDropped', 'void outbox.add([isDropped'),
  ]),
  mutation('leads are stored in memory only', [
    'relay/runtime/node/open-outbox.ts',
    'openOutbox',
    replace(
      'await createSqliteOutbox(database, { ...options, ...rest, limits, account })',
      "(await createSqliteOutbox(sql, OUTBOX_OPTIONS), (await import('../../../test/oracle/memory-outbox.ts')).createMemoryOutbox(limits))",
    ),
  ]),
  mutation(
    'a transaction that is cut off leaves half of its work',
    ['relay/runtime/node/sqlite-file.ts', 'openSqlite.transaction', replace("db.exec('BEGIN IMMEDIATE')", '')],
    [
      'relay/runtime/node/sqlite-file.ts',
      'openSqlite.transaction',
      replace("db.exec('COMMIT')", "db.exec('BEGIN'); db.exec('COMMIT')"),
    ],
  ),
  mutation('an id that comes again is another lead', [
    'relay/intake/intake.ts',
    'createLead',
    replace('id: id ?? newId()', 'id: newId()'),
  ]),
  mutation('FAILED counts as a success', [
    'relay/marketo/soap/verdicts.ts',
    'statusVerdict',
    prepend("if (own?.status === 'FAILED') return { kind: 'delivered', leadId: own.leadId ?? 700_001 }"),
  ]),
  mutation('an incomplete answer counts as a success', [
    'relay/marketo/soap/verdicts.ts',
    'toVerdicts',
    prepend("if (outcome.kind === 'unreadable') return leads.map(() => ({ kind: 'delivered', leadId: 700_001 }))"),
  ]),
]

const POSTGRES: readonly Mutation[] = [
  mutation('the database acknowledges a lead before it is on the disk', [
    'relay/runtime/node/postgres-pool.ts',
    'settings.synchronous',
    replaceBody("`'off'`"),
  ]),
]

const WORKERD: readonly Mutation[] = [
  mutation('the Worker answers before it gives the lead to the object', [
    'relay/runtime/cloudflare/objects.ts',
    'ask',
    replace(
      'batchCalls(async (leads, dueAt) => object().add([...leads], dueAt), CONTEXT)',
      'async (leads, dueAt) => void setTimeout(() => void object().add([...leads], dueAt), 100)',
    ),
  ]),
  mutation('of the leads that share a call only one is given to the object', [
    'relay/runtime/cloudflare/batch-calls.ts',
    'batchCalls.callForAll',
    replace('addTogether(add, ', 'addTogether((leads, dueAt) => add(leads.slice(0, 1), dueAt), '),
  ]),
  mutation('the object answers before it writes', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'LeadOutbox.#add',
    replace('await this.#outbox.add(leads, dueAt)', 'setTimeout(() => void this.#outbox.add(leads, dueAt), 200)'),
  ]),
  mutation('the alarm is not set', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'LeadOutbox.#wakeAt',
    replace('await this.ctx.storage.setAlarm(at)', 'await Promise.resolve(at)'),
  ]),
  mutation('the alarm is a timer, which ends with the object', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'LeadOutbox.#wakeAt',
    replace('await this.ctx.storage.setAlarm(at)', 'setTimeout(() => void this.alarm(), at - Date.now())'),
  ]),
]

const WORKERD_SHARDED: readonly Mutation[] = [
  mutation('each object uses all of the limits', [
    'relay/runtime/cloudflare/lead-outbox.ts',
    'LeadOutbox.#open',
    replace('crypto: WORKERD_CRYPTO,\n      limits,', 'crypto: WORKERD_CRYPTO,\n      limits: all,'),
  ]),
]

// Outbox and delivery. Everything below follows the code in `relay/outbox` and `relay/delivery`.

const DELIVERY: readonly Mutation[] = [
  mutation('it settles before it sends', [
    'relay/delivery/dispatcher.ts',
    'createDispatcher.attemptOnce',
    prepend(`const early = batch.jobs.map((job) =>
      ({ id: job.lead.id, attempt: job.attempt, kind: 'delivered', leadId: 1 }))
    await store({ batch, settlements: early })`),
  ]),
  mutation(
    'the lease is shorter than the timeout',
    ['relay/outbox/limits/limits.ts', 'leaseOf', replaceBody('{ return 400 }')],
    [
      'relay/delivery/dispatcher.ts',
      'createDispatcher.attemptOnce',
      replace('startedAt + limits.timeout >', 'startedAt >'),
    ],
  ),
  mutation('a lead that may still be under way is sent again at once', [
    'relay/delivery/retry-policy.ts',
    'notWhileProcessed',
    replace('Math.max(dueAt, batch.leaseExpiresAt)', 'dueAt'),
  ]),
  mutation('a call that was held up after the claim is sent after its lease', [
    'relay/delivery/dispatcher.ts',
    'createDispatcher.attemptOnce',
    replace('startedAt + limits.timeout > batch.leaseExpiresAt', 'startedAt === batch.leaseExpiresAt'),
  ]),
]

const LIMITS: readonly Mutation[] = [
  mutation('it calls twice as fast as allowed', [
    'relay/outbox/limits/token-bucket.ts',
    'intervalOf',
    replace('return RATE_WINDOW_MS /', 'return RATE_WINDOW_MS / 2 /'),
  ]),
  mutation('it does not count the calls under way', [
    'relay/outbox/limits/call-budget.ts',
    'availableCalls',
    replace('concurrencyOf(budget, limits, now) - out', 'concurrencyOf(budget, limits, now)'),
  ]),
  mutation('it does not count the calls of the day', [
    'relay/outbox/limits/call-budget.ts',
    'callsLeft',
    replace(' - day.spent)', ')'),
  ]),
  mutation('a clock that was set back makes leads wait', [
    'relay/outbox/clock-skew.ts',
    'MAX_WAIT_MS',
    replaceBody('1_000 * 3_600_000'),
  ]),
]

const STATE_MACHINE: readonly Mutation[] = [
  mutation('rejected attributes of a lead are dropped', [
    'relay/outbox/transitions.ts',
    'deliverJob',
    replace('if (left.attributes.length > 0)', 'if (left.attributes.length > 1_000)'),
  ]),
  mutation('a lead that is delivered late overwrites newer values', [
    'relay/outbox/transitions.ts',
    'markStale',
    prepend('if (job.seq > 0) return []'),
  ]),
]

const SQLITE_OUTBOX: readonly Mutation[] = [
  mutation(
    'several jobs of one person are claimed at once',
    [
      'relay/outbox/sqlite/add.ts',
      'INSERT',
      replace("THEN 'queued' ELSE 'ready' END", "THEN 'ready' ELSE 'ready' END"),
    ],
    ['relay/outbox/sqlite/tables.ts', 'TABLES', replace('CREATE UNIQUE INDEX job_head', 'CREATE INDEX job_head')],
  ),
  mutation('a job that is leased is due again at once', [
    'relay/outbox/sqlite/claim.ts',
    'lease',
    replace('leaseJob, leaseExpiresAt,', 'leaseJob, 0,'),
  ]),
  mutation(
    'a settlement counts for any attempt',
    ['relay/outbox/sqlite/settle.ts', 'leasedJob', replace('AND attempts = ? AND', 'AND ? > 0 AND')],
    // Without this check, too: a late outcome would else change no job, but the state of the account alone.
    ['relay/outbox/transitions.ts', 'applySettlements', replace('|| job.attempts !== settlement.attempt', '')],
  ),
  mutation('an id that comes again replaces the stored lead', [
    'relay/outbox/sqlite/add.ts',
    'insertion',
    replace(
      'ON CONFLICT DO NOTHING',
      'ON CONFLICT (id) DO UPDATE SET lead = excluded.lead, person_key = excluded.person_key, due_at = excluded.due_at, state = excluded.state',
    ),
  ]),
  mutation('a known id with another content is dropped', [
    'relay/outbox/sqlite/add.ts',
    'storeLeads',
    replace('if (known === own.content) return []', 'if (known.length > 0) return []'),
  ]),
  mutation('a restart forgets how much of the limits is used', [
    'relay/outbox/sqlite/outbox.ts',
    'clampTimes',
    replace(
      'writeState(sql, clampState(readState(sql), now, Math.max(now, lease?.latest ?? now)))',
      "sql.run('UPDATE control SET state = NULL')",
    ),
  ]),
]

const POSTGRES_OUTBOX: readonly Mutation[] = [
  mutation('it answers before the lead is written', [
    'relay/outbox/postgres/outbox.ts',
    'createPostgresOutbox.add',
    replace(
      'await transaction(async (sql) => add(sql, batchKeys, leads, keys, dueAt, dueAt + leaseOf(limits)))',
      'void transaction(async (sql) => add(sql, batchKeys, leads, keys, dueAt, dueAt + leaseOf(limits))).catch(() => {})',
    ),
  ]),
  mutation(
    'several jobs of one person are claimed at once',
    [
      'relay/outbox/postgres/add.ts',
      'insertion',
      replace("THEN 'ready' ELSE 'queued' END", "THEN 'ready' ELSE 'ready' END"),
    ],
    [
      'relay/outbox/postgres/schema.ts',
      'OTHER_TABLES',
      replace('CREATE UNIQUE INDEX form_sync_job_head', 'CREATE INDEX form_sync_job_head'),
    ],
  ),
  mutation('a job that one node has leased is due at once for all', [
    'relay/outbox/postgres/claim.ts',
    'lease',
    replace('SET due_at = $3, batch', 'SET due_at = $3 - $3, batch'),
  ]),
  mutation('a known id with another content is dropped', [
    'relay/outbox/postgres/add.ts',
    'insertion',
    replace('WHERE known.id IS NULL OR known.content_key <> came.content_key', 'WHERE known.id IS NULL'),
  ]),
  mutation('a node that starts ends the leases of the others', [
    'relay/outbox/postgres/outbox.ts',
    'clampTimes',
    replace('AND NOT EXISTS (SELECT 1 FROM form_sync_batch WHERE form_sync_batch.id = own.batch)', ''),
  ]),
  mutation(
    'each node counts only its own calls',
    ['relay/outbox/postgres/control.ts', 'writeState', prepend('globalThis.ownBudget = state.budget')],
    [
      'relay/outbox/postgres/control.ts',
      'lockState',
      replace(
        'return parseState(row?.state)',
        'return { ...parseState(row?.state), budget: globalThis.ownBudget ?? parseState(null).budget }',
      ),
    ],
  ),
  mutation('no node waits for the one that locks the control row', [
    'relay/outbox/postgres/control.ts',
    'lockState',
    replace('WHERE account = $1 FOR UPDATE', 'WHERE account = $1'),
  ]),
  mutation('it does not count the calls under way', [
    'relay/outbox/postgres/control.ts',
    'LEASED_COLUMNS',
    replace('count(*) AS out', '0::bigint AS out'),
  ]),
]

const SHARDING: readonly Mutation[] = [
  mutation('leads are spread by their id, not by their person', [
    'relay/outbox/sharding.ts',
    'createShardedOutbox',
    replace('({ person }) => shardOf(person,', '({ id }) => shardOf(id,'),
  ]),
]

/**
 * Mutations of the rules that keep one lead from harming others. A run in simulated time detects each of them within a
 * second, in `npm test`; whether a run with real processes comes to them depends on chance.
 */
export const SIMULATED_MUTATIONS = {
  sameProbe: mutation('it never probes another lead', [
    'relay/delivery/retry-policy.ts',
    'stopInDoubt',
    replace('blocked, dueAt, doubt }', 'blocked, doubt }'),
  ]),
  silentProbe: mutation('a silent probe counts as passed', [
    'relay/marketo/soap/transport.ts',
    'createSoapTransport.probe',
    replace("=== 'done'", "!== 'fault'"),
  ]),
  smallBatches: mutation('the batch size never grows back', [
    'relay/outbox/batch-size.ts',
    'afterAnswer',
    prepend('if (current) return current'),
  ]),
  orderByAddress: mutation('leads are in order by address alone, not by visitor', [
    'relay/outbox/transitions.ts',
    'markCookieStale',
    prepend('if (job.seq > 0) return []'),
  ]),
  knownId: mutation('a known id counts as known with any content', [
    'relay/outbox/content-key.ts',
    'contentOf',
    replace('[id, account, form, person, email, values, cookie, workspace]', '[id, account]'),
  ]),
} as const

export const MUTATIONS: Readonly<Record<PlatformName, readonly Mutation[]>> = {
  node: [...NODE, ...DELIVERY, ...LIMITS, ...STATE_MACHINE, ...SQLITE_OUTBOX],
  postgres: [...POSTGRES, ...POSTGRES_OUTBOX],
  workerd: WORKERD,
  'workerd-sharded': [...WORKERD_SHARDED, ...SHARDING],
}
