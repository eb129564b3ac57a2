/**
 * Sends alerts to the receivers that are configured, as webhooks. An alert that a receiver does not take stays stored and is
 * sent again, with longer and longer pauses. Of several relays with one store, one sends each.
 *
 * It never blocks a delivery, and never rejects. An address is never logged as a whole, because those of many services contain
 * their secret.
 */
import { alertBody } from './alert-message.ts'
import { MAX_UNSENT, type AlertState, type AlertStore, type UnsentAlert } from './alert-state.ts'
import { reasonOf, type Log } from './events.ts'
import { whyNotTaken } from './request-taken.ts'
import { signWebhook } from './webhook-signature.ts'

export interface SendAlertsOptions {
  /** Addresses of the receivers. */
  urls: readonly string[]
  /** Secrets of the signature. Without any, nothing is signed. */
  secrets: readonly Uint8Array<ArrayBuffer>[]
  store: AlertStore
  fetch: (request: Request) => Promise<Response>
  /** Returns epoch milliseconds. */
  now: () => number
  log: Log
}

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Time until the next attempt, by the number of those before; the last one repeats. */
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE]

/** Age at which an alert is given up, in ms: what was wrong a day ago is no news. */
const MAX_AGE_MS = 24 * 60 * MINUTE

/** Sends all alerts that are due, each at most once. */
export async function sendAlerts(options: SendAlertsOptions): Promise<void> {
  try {
    const due = await takeDue(options)
    await Promise.all(due.map((unsent) => send(options, unsent)))
  } catch (error) {
    options.log({ event: 'error', where: 'alerts', reason: reasonOf(error) })
  }
}

/**
 * Returns the alerts that are due. Their next attempts are stored first, so that no other relay sends them meanwhile, and an
 * attempt whose end is never known is made again.
 */
async function takeDue({ store, urls, now, log }: SendAlertsOptions): Promise<UnsentAlert[]> {
  const at = now()
  const isOver = (unsent: UnsentAlert) => at - unsent.at >= MAX_AGE_MS || unsent.to >= urls.length
  const { before, after } = await change(store, (all) =>
    all
      .filter((unsent) => !isOver(unsent))
      .slice(-MAX_UNSENT)
      .map((unsent) => (unsent.dueAt > at ? unsent : attempted(unsent, at))),
  )
  for (const unsent of before.filter((each) => !after.some((other) => isSame(each, other)))) {
    const { alert, attempts } = unsent
    log({ event: 'alert-given-up', kind: alert.kind, change: alert.change, attempt: attempts })
  }
  return after.filter((unsent) => before.some((other) => isSame(unsent, other) && other.attempts < unsent.attempts))
}

function attempted(unsent: UnsentAlert, at: number): UnsentAlert {
  const pause = PAUSES_MS[Math.min(unsent.attempts, PAUSES_MS.length - 1)]!
  return { ...unsent, attempts: unsent.attempts + 1, dueAt: at + pause }
}

/** Sends one alert. When its receiver has taken it, it is stored no more. */
async function send(options: SendAlertsOptions, unsent: UnsentAlert): Promise<void> {
  const { store, urls, log } = options
  const url = new URL(urls[unsent.to]!)
  const { kind, change: what } = unsent.alert
  const attempt = { kind, change: what, where: url.host, attempt: unsent.attempts }
  const problem = await post(options, url, unsent)
  if (problem !== undefined) return log({ event: 'alert-not-sent', ...attempt, reason: problem })
  await change(store, (all) => all.filter((other) => !isSame(unsent, other)))
  log({ event: 'alert-sent', ...attempt })
}

/** Posts an alert. Returns why it was not taken; undefined if it was. */
async function post(
  { secrets, fetch, now }: SendAlertsOptions,
  url: URL,
  { id, alert, at }: UnsentAlert,
): Promise<string | undefined> {
  const body = alertBody(alert, at, url.hostname)
  const timestamp = Math.floor(now() / SECOND)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(secrets.length > 0 && { 'webhook-signature': await signWebhook(secrets, id, timestamp, body) }),
  }
  return whyNotTaken(fetch, url.href, { method: 'POST', headers, body, redirect: 'manual' })
}

/** Changes the list of unsent alerts, also while others change it. Returns the list before and after. */
async function change(
  store: AlertStore,
  update: (unsent: readonly UnsentAlert[]) => UnsentAlert[],
): Promise<{ before: readonly UnsentAlert[]; after: readonly UnsentAlert[] }> {
  for (;;) {
    const stored = (await store.read()) ?? {}
    const { unsent: before = [], ...seen } = stored
    const after = update(before)
    const state: AlertState = { ...seen, ...(after.length > 0 && { unsent: after }) }
    if (JSON.stringify(state) === JSON.stringify(stored) || (await store.write(state, stored))) return { before, after }
  }
}

function isSame(one: UnsentAlert, other: UnsentAlert): boolean {
  return one.id === other.id && one.to === other.to
}
