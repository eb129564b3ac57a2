/**
 * Moves replayed leads between the objects of different accounts. An object loads this module when a lead moves, so that
 * no start waits for its code.
 */
import { FIRST_ACCOUNT, namedAccounts } from '../../account-name.ts'
import { readAccountSettings } from '../../config/config.ts'
import type { LeadEdit } from '../../outbox/edit.ts'
import { moveReplayed, type MovedJob } from '../../outbox/move-between.ts'
import { createMoveJob } from '../../outbox/move-job.ts'
import type { OutboxOptions } from '../../outbox/options.ts'
import type { Replayed } from '../../outbox/outbox.ts'
import { shardOf } from '../../outbox/sharding.ts'
import type { Sql } from '../../outbox/sqlite/database.ts'
import { createSqliteMoves } from '../../outbox/sqlite/move.ts'
import type { Env } from './bindings.ts'
import { stubsOf } from './objects.ts'

/** The outbox of an object. */
export interface ObjectStore {
  env: Env
  database: Sql
  options: OutboxOptions
}

/** Moves those leads of a replay whose form has another account today. Returns the results with theirs. */
export async function moveLeads(
  { env, database, options }: ObjectStore,
  results: readonly Replayed[],
  edit: LeadEdit,
  now: number,
): Promise<Replayed[]> {
  const accounts = new Set([FIRST_ACCOUNT, ...namedAccounts({ ...env })])
  // The receiving object computes the batch keys itself.
  const moveJob = createMoveJob((name) => (accounts.has(name) ? options.batchKeys : undefined))
  const send = (account: string, jobs: MovedJob[]) => sendTo(env, account, jobs, now)
  return moveReplayed(results, await createSqliteMoves(database, options), { moveJob, send }, edit, now)
}

/** Stores leads that an object of another account has sent. */
export async function receiveLeads(
  { database, options }: ObjectStore,
  jobs: readonly MovedJob[],
  now: number,
): Promise<void> {
  await (await createSqliteMoves(database, options)).receive(jobs, now)
}

/** Passes leads to the objects of an account. Resolves once they are durable there. */
async function sendTo(env: Env, account: string, jobs: readonly MovedJob[], now: number): Promise<void> {
  const { shards } = readAccountSettings({ ...env }, account, () => {})
  const stubs = stubsOf(env.OUTBOX, shards, account)
  const parts = Map.groupBy(jobs, ({ lead }) => shardOf(lead.person, shards))
  await Promise.all([...parts].map(([at, part]) => stubs[at]!.receive(part, now)))
}
