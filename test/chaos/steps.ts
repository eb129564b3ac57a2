/**
 * Faults inside a relay process: crashes at named steps, verdicts that come late, and a process that blocks.
 *
 * They are put around the relay's parts and change nothing in what a part does. A part that crashes at a step has done
 * all that comes before the step and nothing else.
 */
import { writeSync } from 'node:fs'
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite'
import type { Parts } from '../../relay/runtime/node/serve.ts'

/** Steps at which a relay can crash, with the state that each leaves. */
export const STEPS = {
  'add-before': 'a lead has come in, and nothing of it is written',
  'add-during': 'in the transaction that writes a lead',
  'add-after': 'a lead is written, and the visitor has no answer',
  'claim-during': 'in the transaction that claims jobs',
  'claim-after': 'jobs are claimed, and nothing is sent',
  'call-during': 'the call is under way',
  'call-after': 'Marketo has answered, and nothing is settled',
  'settle-during': 'in the transaction that settles',
  'settle-after': 'the call is settled, and the next one is not claimed',
  'start-migrating': 'in the transaction that creates or checks the tables',
  'start-resuming': 'in the transaction that takes over from the last process',
} as const

/** Steps of the call for a cookie, which by REST follows its lead. */
export const COOKIE_STEPS = {
  'associate-before': 'a lead is delivered, and the call for its cookie is not made',
  'associate-after': 'the cookie is associated, and nothing is settled',
} as const

export type Step = keyof typeof STEPS | keyof typeof COOKIE_STEPS

export function isStep(name: string): name is Step {
  return name in STEPS || name in COOKIE_STEPS
}

/** Time after which a call has been sent and is usually not answered yet, in ms. */
const SEND_TIME_MS = 3

/** Number of leads in a call up to which a late verdict is about each of them. */
const MAX_LATE_LEADS = 30

/** Faults in one relay process. */
export interface InjectedFaults {
  /** The process crashes when it reaches this step for the nth time. */
  crash?: {
    step: Step
    /** Which time, from 1. */
    nth: number
    /** Statement of the transaction before which it crashes, from 1; at the latest it crashes before the commit. */
    statement?: number
    /** Time after the beginning of the transaction at which it crashes, in ms, where the store is remote. */
    within?: number
  }
  /**
   * The verdicts of these calls, counted from 1, come after the lease: when a lead of one of its persons is sent again,
   * or after `ms`. They then say that all leads are to be retried.
   */
  late?: { first: number; last: number; ms: number }
  /** The whole process blocks after this claim, counted from 1. */
  stall?: { claim: number; ms: number }
}

/** Returns a function that puts the faults around the relay's parts. Call before the relay is started. */
export function injectFaults({ crash, late, stall }: InjectedFaults): (parts: Parts) => Parts {
  let left = crash?.nth ?? 0
  let transaction: Step | undefined = 'start-migrating'
  let statements = 0
  /** Additions that are under way. On SQLite their transaction begins later, once the keys of their leads are known. */
  let additions = 0
  let calls = 0
  let claims = 0
  /** Calls whose verdict is held back, with the function that releases it soon. */
  const heldBack: { persons: ReadonlySet<string>; release: () => void }[] = []

  function reach(step: Step): void {
    if (step !== crash?.step) return
    left -= 1
    if (left === 0) crashAt(step)
  }

  /**
   * Runs a transaction. On SQLite it is over when `work` returns, except for an addition; on a remote store it is under
   * way then.
   */
  function within<T>(step: Step, work: () => Promise<T>): Promise<T> {
    transaction = step
    statements = 0
    const outcome = work()
    transaction = undefined
    if (crash?.within !== undefined) setTimeout(() => reach(step), crash.within)
    return outcome
  }
  if (crash?.within !== undefined && crash.step.startsWith('start')) setTimeout(() => reach(crash.step), crash.within)

  // The relay begins and ends each transaction by `exec`, and runs the statements in it by `all`.
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (sql: string) {
    if (sql === 'COMMIT' && transaction) {
      reach(transaction)
      transaction = transaction === 'start-migrating' ? 'start-resuming' : undefined
      statements = 0
    }
    exec.call(this, sql)
    if (sql.startsWith('BEGIN') && !transaction && additions > 0) {
      transaction = 'add-during'
      statements = 0
    }
    if (sql === 'ROLLBACK') transaction = undefined
  }
  const { all } = StatementSync.prototype
  StatementSync.prototype.all = function (this: StatementSync, ...values: SQLInputValue[]) {
    statements += 1
    if (transaction === crash?.step && left === 1 && statements === crash?.statement) reach(crash.step)
    return Reflect.apply(all, this, values)
  } as typeof all

  return ({ outbox, transport, now }) => {
    transaction = undefined
    return {
      now,
      outbox: {
        ...outbox,
        async add(leads, dueAt) {
          // An empty addition only asks whether a lead could be stored.
          if (leads.length === 0) return outbox.add(leads, dueAt)
          reach('add-before')
          additions += 1
          try {
            await within('add-during', () => outbox.add(leads, dueAt))
          } finally {
            additions -= 1
          }
          reach('add-after')
        },
        async claim(...args) {
          const claimed = await within('claim-during', () => outbox.claim(...args))
          if (claimed.length > 0) {
            reach('claim-after')
            claims += 1
            if (claims === stall?.claim) block(stall.ms)
          }
          return claimed
        },
        async settle(...args) {
          await within('settle-during', () => outbox.settle(...args))
          reach('settle-after')
        },
      },
      transport: {
        ...transport,
        async associate(owed) {
          reach('associate-before')
          const verdict = await transport.associate(owed)
          reach('associate-after')
          return verdict
        },
        async deliver(leads, context) {
          calls += 1
          const isLate = late !== undefined && calls >= late.first && calls <= late.last
          for (const { persons, release } of heldBack) if (leads.some(({ person }) => persons.has(person))) release()
          const attempt = transport.deliver(leads, context)
          if (crash?.step === 'call-during') setTimeout(() => reach('call-during'), SEND_TIME_MS)
          const verdicts = await attempt
          reach('call-after')
          if (isLate) {
            await new Promise<void>((resolve) => {
              const persons = new Set(leads.map(({ person }) => person))
              heldBack.push({ persons, release: () => setTimeout(resolve, SEND_TIME_MS) })
              setTimeout(resolve, late.ms)
            })
            report('late-verdict')
            return leads.map(() => ({
              kind: 'failed',
              // Each goes alone afterwards. Of a large batch that would take longer than a run.
              fault: leads.length > MAX_LATE_LEADS ? 'batch' : 'lead',
              arrived: 'maybe',
              reason: 'the verdict came too late',
            }))
          }
          return verdicts
        },
      },
    }
  }

  function block(ms: number): void {
    report('stall')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }
}

/** Prefix of the line that a process prints when it crashes; the step follows. */
export const CRASHED = 'crashed '

/** Ends the process by SIGKILL. Never returns. */
function crashAt(step: Step): void {
  report(`${CRASHED}${step}`)
  process.kill(process.pid, 'SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Prints a line, and returns when it is written. */
function report(line: string): void {
  writeSync(1, `${line}\n`)
}
