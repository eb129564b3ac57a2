/**
 * Compares the forms of an account with its Marketo. The Worker loads this module when the cron trigger asks for a check,
 * so that no start waits for its code.
 */
import bundledForms from '../../../forms.json'
import { checkForms } from '../../check/check.ts'
import { checkedEvent, lastCheckOf, stateOf, type CheckState, type LastCheck } from '../../check/last-check.ts'
import { ConfigError, readConfig, type Config } from '../../config/config.ts'
import { runInSlot, type CallSlotOptions } from '../../delivery/call-slot.ts'
import { accountLog } from '../../monitoring/account-log.ts'
import { leaseOf } from '../../outbox/limits/limits.ts'
import type { Env, LeadOutboxMethods } from './bindings.ts'
import { callOptions } from './call-options.ts'
import { log } from './log.ts'

/** Minimum time between two checks of the same forms, in ms. */
const CHECK_INTERVAL_MS = 3_600_000

/** What an object keeps of the checks of its account. */
export interface StoredCheck {
  /** When the last check was begun, in epoch milliseconds. */
  startedAt: number
  /** Digest of the forms that it was for. */
  forms: string
  /** Absent until a check has ended. */
  last?: LastCheck
  state: CheckState
}

/** What an object offers to the check of its account. */
export interface CheckContext {
  env: Env
  account: string
  /** The object, which gives the slots for the calls. */
  object: Pick<LeadOutboxMethods, 'acquireSlot' | 'endCall'>
  kv: Pick<SyncKvStorage, 'get' | 'put'>
}

/** Key under which an object keeps its check. */
const KEY = 'check'

/**
 * Makes a check, unless one was begun less than an hour ago for the same forms, or the configuration is not valid: the
 * Worker logs that with each request. Resolves with whether it has made one.
 */
export async function checkAccount({ env, account, object, kv }: CheckContext): Promise<boolean> {
  const given = env.FORM_SYNC_FORMS ?? bundledForms
  const forms = await digestOf(typeof given === 'string' ? given : JSON.stringify(given))
  const now = Date.now()
  const known = kv.get<StoredCheck>(KEY)
  const before = known?.forms === forms ? known : undefined
  // A clock that was set back does not postpone the check.
  if (before && now >= before.startedAt && now - before.startedAt < CHECK_INTERVAL_MS) return false
  const config = validConfig(env, given)
  const settings = config?.accounts.get(account)
  if (!config || !settings) return false

  // What the last check has found lasts until this one has ended.
  kv.put(KEY, { state: { issues: [] }, ...known, startedAt: now, forms })
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  const { marketo, limits } = settings
  const events = accountLog(log, account)
  const outbox: CallSlotOptions['outbox'] = {
    acquireSlot: (at, until) => object.acquireSlot(at, until),
    settle: (call, _, at, limited) => object.endCall(call, at, limited),
  }
  const report = await checkForms(
    marketo,
    [...config.forms.values()].filter((form) => form.account === account),
    {
      ...callOptions(events),
      timeout: limits.timeout,
      runCall: runInSlot({ outbox, now: Date.now, wait, lease: leaseOf(limits) }),
    },
  )
  const last = lastCheckOf(report, before?.last, Date.now())
  const state = stateOf(last)
  kv.put(KEY, { startedAt: now, forms, last, state } satisfies StoredCheck)
  events(checkedEvent(state.configuration))
  return true
}

function validConfig(env: Env, forms: unknown): Config | undefined {
  try {
    return readConfig({ ...env }, forms)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** Returns a digest of the forms file: SHA-256, in base64. */
async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
