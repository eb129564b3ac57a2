/**
 * The Durable Object that stores leads and delivers them to Marketo. Its SQLite holds the outbox, its alarm is the clock.
 *
 * With several objects each has the leads of some of the people and its part of Marketo's limits.
 */
import { DurableObject } from 'cloudflare:workers'
import { FIRST_ACCOUNT, namedAccounts } from '../../account-name.ts'
import type { CheckState } from '../../check/last-check.ts'
import { credentialsOf } from '../../config/account.ts'
import { readAccountSettings, readParkedDays, readReceiptDays, type Environment } from '../../config/config.ts'
import { associateInTurn, type VisitorOutbox } from '../../delivery/cookie-turns.ts'
import { createDispatcher, HEARTBEAT_MS, type Dispatcher } from '../../delivery/dispatcher.ts'
import type { Lead, OrderingKey } from '../../intake/lead.ts'
import { batchKeysOf } from '../../marketo/transport.ts'
import { accountLog } from '../../monitoring/account-log.ts'
import { logReusedId } from '../../monitoring/events.ts'
import { createLocalAlertStore, type AlertState } from '../../monitoring/alert-state.ts'
import { readAlertReceivers } from '../../config/alert-receivers.ts'
import { createAlertMonitor } from '../../monitoring/alerts.ts'
import type { HealthIssue } from '../../monitoring/health.ts'
import type { CookieTurns } from '../../outbox/cookie-turns.ts'
import type { Act, StoredAct } from '../../outbox/acts.ts'
import type { LeadEdit } from '../../outbox/edit.ts'
import { groupCommit } from '../../outbox/group-commit.ts'
import type { FormHold } from '../../outbox/held-forms.ts'
import type { MovedJob } from '../../outbox/move-between.ts'
import { partOf } from '../../outbox/limits/limits.ts'
import type { CallUse } from '../../outbox/limits/shares.ts'
import type {
  CallSlot,
  EraseStep,
  Erasing,
  JobRecord,
  Limited,
  ListedState,
  ListPosition,
  Outbox,
  OutboxStatus,
  PersonPage,
  Replayed,
} from '../../outbox/outbox.ts'
import type { Discarding, DiscardStep, GroupKey, LeadSelector, SurveyPage } from '../../outbox/selection.ts'
import { broadcastLimits, NO_BATCH, oweCookies, shardOf } from '../../outbox/sharding.ts'
import { createSqliteOutbox } from '../../outbox/sqlite/outbox.ts'
import type { Counted, Env, LeadOutboxMethods, WaitingCounts } from './bindings.ts'
import { callOptions } from './call-options.ts'
import type { StoredCheck } from './check-forms.ts'
import type { Counts } from './count-leads.ts'
import { lazyTransport, loadTransport } from './lazy-transport.ts'
import { log } from './log.ts'
import type { ObjectStore } from './move-leads.ts'
import { accountOf, stubsOf } from './objects.ts'
import { WORKERD_CRYPTO } from './outbox-crypto.ts'
import { durableObjectSql } from './sql.ts'

/**
 * Stores leads and delivers them.
 *
 * Leads that arrive together are written in one transaction. A write resolves only after `sync`, and the runtime holds
 * back every reply until the written data is on several disks; so no lead is confirmed before it is durable. A lead that
 * cannot be written does not affect the others. When the disks fail, the runtime restarts the object and rejects all
 * pending calls; the next call takes a new stub.
 *
 * The Worker already batches the leads of one isolate. This object batches the calls of many isolates.
 */
export class LeadOutbox extends DurableObject<Env> implements LeadOutboxMethods {
  #outbox!: Outbox & CookieTurns
  #store!: ObjectStore
  /** Returns the other objects of the account. */
  #others!: () => ReturnType<typeof stubsOf>
  /** Name of the account; undefined while its variables are not set. */
  #account: string | undefined
  /** `#outbox`, which also sends the limits that its calls meet to the other objects. */
  #broadcasting!: Outbox
  #dispatcher: Dispatcher | undefined
  /** Time of the alarm that this object has set, in epoch milliseconds. */
  #alarmAt: number | undefined
  /** True if leads waited without an alarm when this object was started, unless the alarm itself has started it. */
  #alarmLost = false

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    // Requests wait until the tables are those of this version.
    void state.blockConcurrencyWhile(() => this.#open(state, env))
  }

  async #open(state: DurableObjectState, env: Env): Promise<void> {
    const vars = env as unknown as Environment
    const account = accountOf(env.OUTBOX, state.id, [FIRST_ACCOUNT, ...namedAccounts(vars)])
    this.#account = account
    const settings = readAccountSettings(vars, account ?? FIRST_ACCOUNT, () => {})
    const { shards } = settings
    // The leads of an account without variables wait, and go to no other.
    const marketo = account === undefined ? undefined : settings.marketo
    const limits = partOf(settings.limits, shards)
    const events = accountLog(log, account ?? FIRST_ACCOUNT)
    const batchKeys = batchKeysOf(marketo?.transport)
    const sql = durableObjectSql(state.storage)
    const keys = vars.FORM_SYNC_DATA_KEY ? (await import('./open-data-keys.ts')).openDataKeys(vars) : undefined
    const options = {
      dataKeys: keys?.dataKeys,
      ...(account !== undefined && { account }),
      batchKeys: shards > 1 ? oweCookies(batchKeys) : batchKeys,
      crypto: WORKERD_CRYPTO,
      limits,
      onReusedId: logReusedId(events),
    }
    this.#others = () => stubsOf(env.OUTBOX, shards, account ?? FIRST_ACCOUNT).filter(({ id }) => !id.equals(state.id))
    this.#store = { env, database: sql, options }
    this.#outbox = await createSqliteOutbox(sql, options)
    this.#broadcasting = broadcastLimits(this.#outbox, (met, now) => {
      const calls = this.#others().map((other) => other.meetLimit(met, now))
      state.waitUntil(Promise.allSettled(calls))
    })
    if (keys) state.waitUntil(keys.rotate(sql, state.storage.kv))
    this.#alarmLost = await this.#isAlarmLost()
    // Without an account the Worker accepts no leads and logs the reason. Stored leads keep waiting.
    if (account === undefined && sql.run(`SELECT 1 AS one FROM job WHERE state <> 'delivered' LIMIT 1`).length > 0) {
      log({ event: 'error', where: 'account', reason: 'its variables are not set; leads wait' })
    }
    if (!marketo || account === undefined) return
    const store = createLocalAlertStore({
      get: () => state.storage.kv.get<AlertState>('seen'),
      put: (seen) => state.storage.kv.put('seen', seen),
    })
    const receivers = readAlertReceivers(vars, () => {})
    const alerts = createAlertMonitor({
      outbox: this.#outbox,
      now: Date.now,
      log: events,
      store,
      storageIssues: () => this.#issues(),
      ...(account !== FIRST_ACCOUNT && { account }),
      webhooks: {
        receivers: receivers.urls.length,
        async send() {
          const { sendAlerts } = await import('./send-alerts.ts')
          await sendAlerts({ ...receivers, store, fetch, now: Date.now, log: events })
        },
      },
    })
    const transport = lazyTransport(() => loadTransport(marketo, { ...callOptions(events), timeout: limits.timeout }))
    const objectOf = (cookie: string): VisitorOutbox => {
      const stub = stubsOf(env.OUTBOX, shards, account)[shardOf(cookie, shards)]!
      return stub.id.equals(state.id) ? this : stub
    }
    this.#dispatcher = createDispatcher({
      outbox: this.#broadcasting,
      transport: {
        ...transport,
        ...(shards > 1 && { associate: associateInTurn(transport.associate, objectOf, limits, Date.now) }),
      },
      now: Date.now,
      random: Math.random,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      wakeAt: (time) => this.ctx.waitUntil(this.#wakeAt(alerts.nextCheckAt(time))),
      monitor: alerts,
      limits,
      keepReceipts: readReceiptDays(vars, () => {}),
      keepParked: readParkedDays(vars, () => {}),
      log: events,
    })
    await this.#outbox.resume(Date.now(), credentialsOf(marketo))
    this.#dispatcher.wake()
  }

  add(leads: Lead[], dueAt: number): Promise<void> {
    return this.#add(leads, dueAt)
  }

  /** Adds leads. Those that arrive while a write is under way share the next transaction and its alarm. */
  readonly #add = groupCommit(
    async (leads, dueAt) => {
      await this.#outbox.add(leads, dueAt)
      // The alarm is stored with the leads. If the object dies now, the alarm starts it again.
      if (leads.some(({ drop }) => !drop)) await this.#wakeAt(dueAt + HEARTBEAT_MS)
      this.#dispatcher?.wake()
      this.#durable = this.ctx.storage.sync()
      await this.#durable
    },
    (write) => void this.#durable.then(write, write),
  )

  /** Settles when the current write, or else the last one, is durable or has failed. */
  #durable = Promise.resolve()

  status(now: number): Promise<OutboxStatus> {
    return this.#outbox.status(now)
  }

  find(id: string): Promise<JobRecord | undefined> {
    return this.#outbox.find(id)
  }

  list(state: ListedState, limit: number, after?: ListPosition): Promise<JobRecord[]> {
    return this.#outbox.list(state, limit, after)
  }

  /** Replays leads. Replays go one after the other, because a lead that moves is in two objects meanwhile. */
  replay(ids: string[], edit: LeadEdit, now: number): Promise<Replayed[]> {
    const replaying = this.#lastReplay.then(() => this.#replay(ids, edit, now))
    this.#lastReplay = replaying.catch(() => {})
    return replaying
  }

  #lastReplay: Promise<unknown> = Promise.resolve()

  async #replay(ids: string[], edit: LeadEdit, now: number): Promise<Replayed[]> {
    const replayed = await this.#outbox.replay(ids, edit, now)
    await this.#wakeAt(now)
    this.#dispatcher?.wake()
    if (!replayed.some(({ result }) => result === 'other-account')) return replayed
    const { moveLeads } = await import('./move-leads.ts')
    return moveLeads(this.#store, replayed, edit, now)
  }

  async receive(jobs: MovedJob[], now: number): Promise<void> {
    const { receiveLeads } = await import('./move-leads.ts')
    await receiveLeads(this.#store, jobs, now)
    await this.#wakeAt(now + HEARTBEAT_MS)
    this.#dispatcher?.wake()
    await this.ctx.storage.sync()
  }

  survey(selector: LeadSelector, by: GroupKey, after?: string): Promise<SurveyPage> {
    return this.#outbox.survey(selector, by, after)
  }

  async discard(selector: LeadSelector, discarding: Discarding, now: number, after?: string): Promise<DiscardStep> {
    const step = await this.#outbox.discard(selector, discarding, now, after)
    // The next lead of a person may be due.
    this.#dispatcher?.wake()
    return step
  }

  findPerson(person: OrderingKey, limit: number, after?: string): Promise<PersonPage> {
    return this.#outbox.findPerson(person, limit, after)
  }

  async erase(person: OrderingKey, erasing: Erasing, now: number): Promise<EraseStep> {
    const step = await this.#outbox.erase(person, erasing, now)
    if (step.ids.length > 0) {
      await this.forgetTurns(step.ids)
      await Promise.all(this.#others().map((other) => other.forgetTurns(step.ids)))
    }
    // A lead of the person may be under way, and another one may follow it.
    this.#dispatcher?.wake()
    return step
  }

  forgetTurns(ids: string[]): Promise<void> {
    return this.#outbox.forgetTurns(ids)
  }

  async holdForm(form: string, hold: FormHold | undefined, now: number): Promise<boolean> {
    const isChanged = await this.#outbox.holdForm(form, hold, now)
    // It is an issue, and its end is one's end.
    this.#dispatcher?.wake()
    return isChanged
  }

  async beginAct(act: Act, now: number): Promise<number> {
    const id = await this.#outbox.beginAct(act, now)
    await this.ctx.storage.sync()
    return id
  }

  endAct(id: number, leads: number): Promise<void> {
    return this.#outbox.endAct(id, leads)
  }

  listActs(limit: number, before?: number): Promise<StoredAct[]> {
    return this.#outbox.listActs(limit, before)
  }

  async retryNow(now: number): Promise<void> {
    await this.#outbox.retryNow(now)
    this.#dispatcher?.wake()
  }

  acquireSlot(now: number, until: number, idle?: number, use?: CallUse): Promise<CallSlot> {
    return this.#outbox.acquireSlot(now, until, idle, use)
  }

  async endCall(call: number, now: number, limited?: Limited): Promise<void> {
    await this.#broadcasting.settle(call, [], now, limited)
    // The free slot may allow the next delivery.
    this.#dispatcher?.wake()
  }

  meetLimit(met: Limited, now: number): Promise<void> {
    return this.#outbox.settle(NO_BATCH, [], now, met)
  }

  takeTurn(cookie: string, order: string, lastsMs: number): Promise<number | null> {
    return this.#outbox.takeTurn(cookie, order, lastsMs, Date.now())
  }

  async counts(counted?: Counted): Promise<WaitingCounts> {
    const { createCounts, readWaiting } = await import('./count-leads.ts')
    const before = this.#issues().length
    const fullSources = counted ? (this.#counts ??= createCounts(counted)).add(counted) : []
    // It is an alert, or the end of one.
    if (this.#issues().length !== before) this.#dispatcher?.wake()
    return { waiting: readWaiting(this.#store.database), fullSources }
  }

  #counts: Counts | undefined

  /** Returns the issues of the last check of the forms, and of the posts of all Workers. */
  #issues(): HealthIssue[] {
    return [...(this.#check()?.state.issues ?? []), ...(this.#counts?.issues() ?? [])]
  }

  async checkForms(): Promise<void> {
    const [account, { kv }] = [this.#account, this.ctx.storage]
    if (account === undefined) return
    const { checkAccount } = await import('./check-forms.ts')
    // The alerts are those of the new result.
    if (await checkAccount({ env: this.env, account, object: this, kv })) this.#dispatcher?.wake()
  }

  checkState(): Promise<CheckState> {
    return Promise.resolve({ ...this.#check()?.state, issues: this.#issues() })
  }

  #check(): StoredCheck | undefined {
    return this.ctx.storage.kv.get<StoredCheck>('check')
  }

  /**
   * Looks after the alarm: leads that wait without one would wait for ever. The Worker calls this every few minutes, so
   * that delivery does not depend on the alarm alone.
   */
  async check(): Promise<void> {
    if (this.#alarmLost || (await this.#isAlarmLost())) {
      logLostAlarm()
      await this.alarm()
    } else this.#dispatcher?.wake()
  }

  async #isAlarmLost(): Promise<boolean> {
    const due = await this.#outbox.nextDueAt(Date.now())
    return due !== undefined && (await this.ctx.storage.getAlarm()) === null
  }

  /**
   * Starts the deliveries that are due, and returns without waiting for them: a running alarm delays the next one. The
   * next alarm is set first, so that the object is started again even if it dies; then the dispatcher sets the exact time.
   *
   * An alarm that this object has set since it was started without one tells that the one before was lost.
   */
  override async alarm(rung?: Pick<AlarmInvocationInfo, 'scheduledTime'>): Promise<void> {
    if (this.#alarmLost && rung && rung.scheduledTime === this.#alarmAt) logLostAlarm()
    this.#alarmAt = undefined
    this.#alarmLost = false
    await this.#wakeAt(Date.now() + HEARTBEAT_MS)
    this.#dispatcher?.wake()
  }

  /**
   * Sets the alarm, or deletes it if `time` is undefined. An alarm that rings up to a heartbeat earlier is left as it is:
   * it does no harm, and setting the alarm for each lead would cost as much as storing the lead.
   */
  async #wakeAt(time: number | undefined): Promise<void> {
    if (time === undefined) {
      this.#alarmAt = undefined
      await this.ctx.storage.deleteAlarm()
      return
    }
    const at = Math.max(time, Date.now())
    const early = at - (this.#alarmAt ?? Infinity)
    if (early >= 0 && early < HEARTBEAT_MS) return
    this.#alarmAt = at
    await this.ctx.storage.setAlarm(at)
  }
}

function logLostAlarm(): void {
  log({ event: 'error', where: 'alarm', reason: 'leads waited without an alarm' })
}
