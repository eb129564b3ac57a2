/**
 * The entry `form-sync/relay`: the parts of the relay, for a runtime of one's own.
 *
 * A runtime opens a database and hands it to an outbox, gives the outbox to the dispatcher and to the app, and serves
 * the app's `fetch`. Clock, randomness, network and environment are parameters.
 *
 * @example
 * ```ts
 * const config = readConfig(process.env, forms)
 * const transport = createTransport(config.marketo, { fetch, now: Date.now, timeout: config.limits.timeout })
 * const outbox = await createSqliteOutbox(sql, { batchKeys: transport, crypto, limits: config.limits })
 * const dispatcher = createDispatcher({ outbox, transport, now: Date.now, random: Math.random, wakeAt, log })
 * const app = createApp({ config, outbox, wake: dispatcher.wake, now: Date.now, randomBytes, log })
 * await outbox.resume(Date.now())
 * dispatcher.wake()
 * serve({ fetch: app.fetch })
 * ```
 */

/** Reads environment and forms file; throws a ConfigError that lists every issue. */
export {
  ConfigError,
  readConfig,
  type Account,
  type AccountSettings,
  type Config,
  type Environment,
  type RestAccount,
  type SoapAccount,
} from './config/config.ts'

/** Creates the HTTP app: forms, `/v1/leads` for servers, `/v1/parked` and `/v1/replay` for operators, health. */
export { createApp, type Relay } from './http/app.ts'
/** Options of `createApp`: the rate of a network, and the bounds of what is stored. */
export { createCapacity, type Capacity, type CapacityOptions, type Room } from './guards/capacity.ts'
export type { RateVerdict, SourceRate } from './guards/source-rate.ts'
/** Creates the screen of posts, another option of `createApp`: the rules of the forms file, and counters of what they find. */
export type { ExaminedPost, Finding as GuardFinding, Guard } from './guards/guard.ts'
export { createGuards } from './guards/guards.ts'
/** Creates what forms with tickets and challenges need: `issueTicket` of `createApp`, and `robots` of `createGuards`. */
export { createRobots, type Robots, type RobotsOptions } from './guards/robots.ts'
export { createScreen, type Screen } from './guards/screen.ts'
export { createFindings, type Findings } from './monitoring/findings.ts'
/** Creates the guard of `/v1/…`: bearer keys, compared in constant time. */
export { createApiKeys, type ApiKeys } from './http/api-keys.ts'
/** Creates the guard of the routes of operators: a token for each, with a role. */
export { createOperatorTokens, type KnownOperator, type OperatorTokens } from './http/operator-tokens.ts'
export type { Operator, Role } from './config/operators.ts'
/** The audit log of the outbox. */
export type { Act, ActStore, StoredAct } from './outbox/acts.ts'
/** Counts the wrong tokens of each network: `wrongTokens` of `createApp`. */
export { createSourceCount, type SourceCount } from './guards/source-count.ts'
/** Options of `createApp` for `/v1/leads` and for the operator's addresses. */
export type { LeadsRouteOptions } from './http/leads-route.ts'
export type { ParkedRoutesOptions } from './http/parked-routes.ts'
/** JSON bodies of the app's responses. */
export type { Accepted, FieldProblem, FieldProblemCode, Problem, ProblemCode } from './protocol.ts'

/** Creates the dispatcher: claims leads, hands them to the transport, settles the outcome. */
export { createDispatcher, HEARTBEAT_MS, type Dispatcher, type DispatcherOptions } from './delivery/dispatcher.ts'
/** Default waits between attempts, and until a lead is parked. */
export { RETRY_SCHEDULE, type RetrySchedule } from './delivery/retry-policy.ts'
/** Port between the dispatcher and Marketo: one attempt to deliver, one verdict for each lead. */
export type { DeliveryContext, OwedCookie, Transport, Verdict } from './delivery/transport.ts'
/** Options of a call outside of the queue, within the outbox's limits: `servers.callSlot` of `createApp`. */
export type { CallSlotOptions } from './delivery/call-slot.ts'

/** Creates the transport to the account's API, REST or SOAP. The outbox takes it as `batchKeys`, too. */
export { createTransport, type TransportOptions } from './marketo/transport.ts'
/** Creates the transport to Marketo's REST API. */
export { createRestTransport, type RestOptions } from './marketo/rest/transport.ts'
/** Creates the transport to Marketo's SOAP API. */
export { createSoapTransport, type SoapOptions } from './marketo/soap/transport.ts'
/**
 * Creates the client, over SOAP or REST, for `servers.marketo` of `createApp`, with every operation or with syncLead alone. Take it
 * from here: an app does not recognise the errors of a client from `form-sync/marketo`.
 */
export { createLeadMarketo, createMarketo, type Marketo, type MarketoOptions } from './marketo/index.ts'

/** Compares the forms with the fields of a Marketo account. The monitor makes of it an issue and a notice for `/readyz`. */
export { checkForms, type CheckReport } from './check/check.ts'
export type { Finding } from './check/compare.ts'
export type { CheckState, CheckSummary } from './check/last-check.ts'
export { createCheckMonitor, type CheckMonitor } from './check/monitor.ts'
export type { NotRead, TenantOptions } from './check/tenant.ts'
/** Runs a call outside of the queue within the outbox's limits: `runCall` of a check. */
export { runInSlot } from './delivery/call-slot.ts'

/** Port of the outbox, and the records that it returns. */
export type {
  Batch,
  CallSlot,
  Counts,
  EraseStep,
  Erasing,
  Job,
  JobRecord,
  Limited,
  ListedState,
  ListPosition,
  Outbox,
  OutboxStatus,
  Outcome,
  PersonPage,
  PersonRow,
  RepeatedAttempt,
  Replayed,
  Settlement,
} from './outbox/outbox.ts'
/** Lead as the outbox stores it and a transport sends it. */
export type { Attribute, Lead } from './intake/lead.ts'
/** Forms whose new leads are all held, and what holds them. */
export type { FormHold, HeldForm } from './outbox/held-forms.ts'
/** Attributes dropped and renamed before a parked lead is replayed. */
export type { LeadEdit } from './outbox/edit.ts'
/** Rules of a transport for sharing a call: which leads may go together. */
export type { BatchKeys } from './outbox/batch-planner.ts'
/** Randomness and HMAC of the runtime: the outbox stores keyed digests of people. */
export type { KeyedDigest, OutboxCrypto } from './outbox/person-keys.ts'
/** Keys that encrypt what is stored of a person, given the cipher of the runtime: `dataKeys` of an outbox. */
export { createDataKeys } from './outbox/sealing/data-keys.ts'
export type { DataKeys } from './outbox/sealing/sealing.ts'
export type { TextCipher } from './outbox/sealing/text-cipher.ts'
/** Default limits of the calls to Marketo; the lease of a call, in ms; the limits of one of several outboxes. */
export { leaseOf, LIMITS, partOf, type Limits } from './outbox/limits/limits.ts'
/** Makes one outbox of those of several accounts, for `createApp`: each lead goes to the account of its form. */
export { createAccountsOutbox } from './outbox/accounts.ts'
/** Lets a replay move leads between the accounts of a database: the option `moveJob` of their outboxes. */
export { createMoveJob, type MoveJob } from './outbox/move-job.ts'
/** Names the account in what is logged about it. */
export { accountLog } from './monitoring/account-log.ts'
/** Turns simultaneous additions into one write each time the disk is ready. */
export { groupCommit } from './outbox/group-commit.ts'
/** Spreads people over several outboxes; tells the others when one of them meets a limit of Marketo. */
export { broadcastLimits, createShardedOutbox, NO_BATCH, type SharedOutbox } from './outbox/sharding.ts'

/** Options of an outbox in any database. */
export type { OutboxOptions } from './outbox/options.ts'
/** Creates the outbox in a SQLite database, by way of two synchronous functions. */
export { createSqliteOutbox } from './outbox/sqlite/outbox.ts'
export type { Row as SqlRow, Sql, SqlValue } from './outbox/sqlite/database.ts'

/** Creates the outbox in a PostgreSQL database that several relays share. */
export { createPostgresOutbox } from './outbox/postgres/outbox.ts'
export type { Database, Row as DatabaseRow, Transaction, Value as DatabaseValue } from './outbox/postgres/database.ts'
/** Creates the clock of the relays on one database: all of them must go by the same time. */
export { createSharedClock, type SharedClock } from './outbox/postgres/shared-clock.ts'
/** Bounds the additions under way to a database; for `groupCommit`. */
export { createAddGate, type AddGate, type AddGateOptions } from './outbox/postgres/add-gate.ts'
/** Reads and writes the issues that the relays on one database have seen: an AlertStore. */
export { readAlertState, writeAlertState } from './outbox/postgres/alert-state.ts'

/** Lists the health issues that the status of an outbox shows. */
export { healthIssues, type HealthIssue } from './monitoring/health.ts'
/** Creates the monitor that raises an alert when an issue starts, escalates, is still ongoing or is resolved. */
export { createAlertMonitor, type Alert, type AlertMonitor, type AlertMonitorOptions } from './monitoring/alerts.ts'
/** Keeps the issues that a monitor has seen, and the alerts that were not sent yet. */
export {
  createLocalAlertStore,
  type AlertState,
  type AlertStore,
  type KeptState,
  type SeenIssues,
  type UnsentAlert,
} from './monitoring/alert-state.ts'
/** Sends these alerts as webhooks. */
export { sendAlerts, type SendAlertsOptions } from './monitoring/send-alerts.ts'
/** Events for the operator's log. `logWorkingKey` is for `onKey` of transport and client: it logs which of two keys works. */
export { logWorkingKey, type Log, type LogEvent } from './monitoring/events.ts'
