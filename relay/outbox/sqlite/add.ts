/** Adding: stores leads that are new, by their id and content. */
import type { Lead } from '../../intake/lead.ts'
import type { BatchKeys } from '../batch-planner.ts'
import { withReplacedId, type AddedKeys, type ReusedId } from '../content-key.ts'
import { countAdditions, countDropped } from '../counters.ts'
import { holdOf } from '../held-forms.ts'
import { joinRules } from '../job-row.ts'
import { IS_ASIDE } from '../step-aside.ts'
import { HAS_WEAK_KEY } from '../weak-key.ts'
import { addCounts } from './control.ts'
import type { AccountSql } from './database.ts'
import { openNumbers } from './job-numbers.ts'
import { overtake } from './promote.ts'
import { turnOf } from './turns.ts'

/**
 * Stores leads and counts them. Returns those whose ids were used before with another content.
 *
 * @param leaseEnd when a lease would expire that began at `dueAt`
 */
export function addAll(
  sql: AccountSql,
  batchKeys: BatchKeys,
  leads: readonly Lead[],
  keys: readonly AddedKeys[],
  dueAt: number,
  leaseEnd: number,
): ReusedId[] {
  const rows = sql.run<{ form: string; reason: string }>('SELECT form, reason FROM held_form')
  const reasons = new Map(rows.map(({ form, reason }) => [form, reason]))
  const { stored, reused } = storeLeads(sql, batchKeys, leads, keys, dueAt, leaseEnd, reasons)
  const counts = [...countAdditions(stored, reused, reasons), ...countDropped(leads)]
  addCounts(sql, counts)
  if (counts.length === 0) writeNothing(sql)
  return reused
}

/**
 * Writes a page and changes nothing, so that a lead that is stored already waits for the disk as a new one does. SQLite leaves
 * out the page of one update alone that changes nothing.
 */
function writeNothing(sql: AccountSql): void {
  sql.run('UPDATE meta SET version = version + 1')
  sql.run('UPDATE meta SET version = version - 1')
}

/**
 * Stores leads without counting them, but those that a rule drops. Returns those that were not there, as they are stored.
 *
 * @param reasons the reasons of forms whose leads are held
 */
export function storeLeads(
  sql: AccountSql,
  batchKeys: BatchKeys,
  leads: readonly Lead[],
  keys: readonly AddedKeys[],
  dueAt: number,
  leaseEnd: number,
  reasons: ReadonlyMap<string, string> = new Map(),
): { stored: Lead[]; reused: ReusedId[] } {
  const reused: ReusedId[] = []
  const numbers = openNumbers(sql)
  const stored = leads.flatMap((lead, at) => {
    if (lead.drop) return []
    const own = keys[at]!
    const batchKey = batchKeys.batchKey(lead)
    // A lead that may have to wait gets its turn from a claim.
    const hold = holdOf(lead, reasons) ?? null
    const store = (each: Lead, isDue = false) => {
      const isStored = add(sql, numbers.last + 1, each, own, batchKey, hold, dueAt, isDue)
      if (isStored) numbers.last += 1
      return isStored
    }
    const storeOrPass = (each: Lead) =>
      store(each, dueAt <= each.acceptedAt) ||
      (!readContent(sql, each) && overtake(sql, own.person, leaseEnd, () => store(each)))
    if (storeOrPass(lead)) return [lead]
    const known = readContent(sql, lead)?.content_key ?? own.content
    if (known === own.content) return []
    const replaced = withReplacedId(lead, own)
    if (!storeOrPass(replaced)) return []
    reused.push({ id: lead.id, form: lead.form, storedAs: replaced.id })
    return [replaced]
  })
  return { stored, reused }
}

/** Reads the content that a known id stands for: any, when it was stored before there were digests. */
function readContent(sql: AccountSql, { id }: Lead): { content_key: string | null } | undefined {
  return sql.run<{ content_key: string | null }>('SELECT content_key FROM job WHERE id = ?', id)[0]
}

/** Condition that the person of a lead that is added has a ready job that holds it up. It holds up each one with a weak key. */
const HAS_HEAD = `EXISTS (
  SELECT 1 FROM job WHERE account = ?2 AND person_key = ?4 AND state = 'ready'
    AND (NOT ${IS_ASIDE} OR ${HAS_WEAK_KEY.replace('batch_key', '?6')}))`

/**
 * Returns the statement that inserts a lead.
 *
 * @param state expression for the state of its job
 * @param hasTurn condition that the job gets a turn at once
 */
function insertion(state: string, hasTurn: string): string {
  return `INSERT INTO job (id, account, form, person_key, visitor_key, batch_key, lead, notes, accepted_at, content_key,
     state, due_at, settled_at, reason, source, rules, seq, turn)
   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?12, ${state},
     iif(?10 IS NULL, ?11, NULL), iif(?10 IS NULL, NULL, ?11), ?10, ?13, ?15, ?16,
     CASE WHEN ${hasTurn} THEN ${turnOf('?2', '?6', '?3', '?13')} END)
   ON CONFLICT DO NOTHING`
}

// Constants, because making such a text anew for each lead takes as long as half of the insertion.
const INSERT = insertion(
  `CASE WHEN ?10 IS NOT NULL THEN 'held' WHEN ${HAS_HEAD} THEN 'queued' ELSE 'ready' END`,
  `?10 IS NULL AND ?14 AND NOT ${HAS_HEAD}`,
)
/** Inserts a lead that is not held and whose person has no ready job. With one it inserts nothing, by `job_head`. */
const INSERT_READY = insertion(`'ready'`, '?14')

/** Stores a lead. Returns whether it did: not when its id is known, nor when the person's ready job has stepped aside. */
function add(
  sql: AccountSql,
  seq: number,
  lead: Lead,
  keys: AddedKeys,
  batchKey: string | null,
  hold: string | null,
  dueAt: number,
  isDue: boolean,
): boolean {
  const { id, form, acceptedAt, notes } = lead
  const identity = [id, sql.account, form, keys.person, keys.visitor]
  const row = {
    id,
    lead: JSON.stringify({ ...lead, network: undefined, cookieLeftOut: undefined, rules: undefined }),
    reason: hold,
  }
  const stored = sql.sealing ? sql.sealing.sealJob(row, sql.account) : row
  const content = [batchKey, stored.lead, JSON.stringify(notes), acceptedAt]
  const values = [
    ...identity,
    ...content,
    stored.reason,
    dueAt,
    keys.content,
    keys.source,
    Number(isDue),
    joinRules(lead),
    seq,
  ]
  return (hold === null && sql.write(INSERT_READY, ...values)) || sql.write(INSERT, ...values)
}
