/**
 * Opens and closes the store of a relay on Node: a SQLite file of its own, or a database that several relays share.
 */
import { join } from 'node:path'
import { FIRST_ACCOUNT } from '../../account-name.ts'
import { credentialsOf } from '../../config/account.ts'
import type { AccountSettings, Config } from '../../config/config.ts'
import { batchKeysOf } from '../../marketo/transport.ts'
import { logReusedId, reasonOf, type Log } from '../../monitoring/events.ts'
import { createMoveJob } from '../../outbox/move-job.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import type { AlertStore } from '../../monitoring/alert-state.ts'
import { openAlertFile } from './alert-file.ts'
import { createAlertStore } from './shared-alerts.ts'
import type { HealthIssue } from '../../monitoring/health.ts'
import { createSteadyClock } from './steady-clock.ts'
import type { DataKeys } from '../../outbox/sealing/sealing.ts'
import { openDataKeys } from './data-keys.ts'
import { lockFolder } from './folder-lock.ts'
import { OUTBOX_OPTIONS } from './outbox-crypto.ts'
import { openOutbox } from './open-outbox.ts'
import { strandedIssues } from './stranded-leads.ts'
import { withDriver } from './with-driver.ts'

/** What one account has in the store. */
export interface AccountStore {
  outbox: Outbox
  /** The state of its alerts, which several relays share if they use the same outbox. */
  alertStore: AlertStore
  /** Schedules the write of a group of leads, after the requests that have already arrived. */
  schedule: (write: () => void) => void
}

/** The store, and what the account without a name has in it. */
export interface Store extends AccountStore {
  /** All accounts by name. */
  accounts: ReadonlyMap<string, AccountStore>
  /** The clock of the outboxes. Returns epoch milliseconds. */
  now: () => number
  /** Time between two claims that no timer has asked for, in ms: another process may write to the store too. */
  pollMs: number
  /** Returns the number of waiting leads of each form. */
  waiting(): Promise<ReadonlyMap<string, number>>
  /** Path of the outbox file; undefined for a database. */
  file?: string
  /** Returns the part of `/readyz` about problems of a store that works all the same. */
  notices(): object
  /** Returns the health issues that the store itself reports. */
  issues(): HealthIssue[]
  close(): Promise<void>
}

/** `form-sync replay` may write to the file while the relay runs. */
const FILE_POLL_MS = 5_000

/** Another relay may have died, or may have set an earlier retry than this one knows. */
const SHARED_POLL_MS = 1_500

/** Time between two looks at a shared database for leads of accounts that this relay does not have. */
const STRANDED_INTERVAL_MS = 60_000

/** The part of an account's settings that its outbox depends on. */
type OutboxSettings = Pick<AccountSettings, 'limits' | 'marketo'>

/** Configuration of a store. Without `accounts` there is one, which has no name. */
export interface StoreConfig extends OutboxSettings, Pick<Config, 'database'>, Partial<Pick<Config, 'dataKeys'>> {
  accounts?: ReadonlyMap<string, OutboxSettings>
}

/**
 * Opens the store.
 *
 * @throws if it cannot be used or another relay has locked it; the message says what to do
 */
export function openStore(
  { database, dataKeys, limits, marketo, accounts = new Map([[FIRST_ACCOUNT, { limits, marketo }]]) }: StoreConfig,
  folder: string,
  log: Log,
): Promise<Store> {
  const keys = openDataKeys(dataKeys)
  return database === undefined ? openFile(accounts, keys, folder, log) : openShared(accounts, keys, database, log)
}

type Accounts = ReadonlyMap<string, OutboxSettings>

async function openShared(accounts: Accounts, dataKeys: DataKeys | undefined, url: string, log: Log): Promise<Store> {
  // Imported here, so that a relay with a file never loads the driver.
  const { openPostgres, unusableDatabase } = await withDriver(() => import('./postgres.ts'))
  const optionsOf = (account: string) => ({
    ...OUTBOX_OPTIONS,
    dataKeys,
    account,
    batchKeys: batchKeysOf(accounts.get(account)!.marketo.transport),
    moveJob: createMoveJob((name) =>
      accounts.has(name) ? batchKeysOf(accounts.get(name)!.marketo.transport) : undefined,
    ),
    limits: accounts.get(account)!.limits,
    onReusedId: logReusedId(log),
  })
  const first = await openPostgres(url, optionsOf(FIRST_ACCOUNT), accounts.size)
  const { now, alertState, close } = first
  try {
    const opened = new Map<string, AccountStore>()
    for (const [account, { marketo }] of accounts) {
      const { outbox, schedule } = account === FIRST_ACCOUNT ? first : await first.openAccount(optionsOf(account))
      await outbox.resume(now(), credentialsOf(marketo))
      opened.set(account, { outbox, schedule, alertStore: createAlertStore(alertState, account) })
    }
    let stored = await first.leads()
    const refresh = () => first.leads().then((leads) => (stored = leads))
    // A failure is ignored here: the outbox's own statements report that the database does not answer.
    const refreshing = setInterval(() => void refresh().catch(() => undefined), STRANDED_INTERVAL_MS).unref()
    return {
      ...opened.get(FIRST_ACCOUNT)!,
      accounts: opened,
      now,
      pollMs: SHARED_POLL_MS,
      waiting: async () => waitingByForm(await first.waiting()),
      notices: () => ({}),
      issues: () => strandedIssues(stored, (account) => accounts.has(account)),
      close() {
        clearInterval(refreshing)
        return close()
      },
    }
  } catch (cause) {
    await close()
    throw unusableDatabase(url, cause)
  }
}

async function openFile(accounts: Accounts, dataKeys: DataKeys | undefined, folder: string, log: Log): Promise<Store> {
  const now = createSteadyClock()
  const lock = lockFolder(folder)
  const file = join(folder, 'outbox.sqlite')
  try {
    const settings = new Map(
      Array.from(accounts, ([account, { limits, marketo }]) => [
        account,
        { limits, batchKeys: batchKeysOf(marketo.transport), credentials: credentialsOf(marketo) },
      ]),
    )
    const first = settings.get(FIRST_ACCOUNT)!
    const { sql, notices, issues, stop, ...opened } = await openOutbox(file, {
      ...first,
      further: settings,
      dataKeys,
      now,
      onQuarantine: log,
      onReusedId: logReusedId(log),
      onMissing: log,
      onLogError: (error) => log({ event: 'error', where: 'write-ahead log', reason: reasonOf(error) }),
    })
    const readWaiting = () => sql.run<FormWaiting>('SELECT form, sum(waiting) AS waiting FROM counter GROUP BY form')
    const alertFile = openAlertFile(join(folder, 'alerts.json'), log)
    const stored = (outbox: Outbox, account: string): AccountStore => ({
      outbox,
      schedule: setImmediate,
      alertStore: createAlertStore(alertFile, account),
    })
    return {
      ...stored(opened.outbox, FIRST_ACCOUNT),
      accounts: new Map(Array.from(opened.accounts, ([account, outbox]) => [account, stored(outbox, account)])),
      now,
      pollMs: FILE_POLL_MS,
      waiting: async () => waitingByForm(readWaiting()),
      file,
      notices,
      issues,
      async close() {
        await stop()
        sql.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

type FormWaiting = { form: string; waiting: number }

function waitingByForm(rows: readonly FormWaiting[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ form, waiting }) => [form, waiting]))
}
