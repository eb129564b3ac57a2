/**
 * The steps at which a relay is made to die or to stand still: what is put around its parts, in its own process.
 *
 * Nothing here changes what a part does. A part that dies at a step has done all that comes before it and nothing else.
 */
import { writeSync } from 'node:fs'
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite'
import type { Parts } from '../../relay/runtime/node/serve.ts'

/** Where it may die. */
export const STEPS = {
  'add-before': 'a lead has come in, and nothing of it is written',
  'add-during': 'in the transaction that writes a lead',
  'add-after': 'a lead is written, and the visitor has no answer',
  'claim-during': 'in the transaction that hands jobs out',
  'claim-after': 'jobs are handed out, and nothing is sent',
  'call-during': 'the call is on its way',
  'call-after': 'Marketo has answered, and nothing is settled',
  'settle-during': 'in the transaction that settles',
  'settle-after': 'it is settled, and the next is not claimed',
  'start-migrating': 'in the transaction that makes the tables or looks at them',
  'start-resuming': 'in the transaction that takes over what the last process left',
} as const

export type Step = keyof typeof STEPS

/** Milliseconds after which a call is on the wire, as a rule without an answer. */
const ON_THE_WIRE = 3

/** What goes wrong in one life of a relay. */
export interface Fate {
  /** It dies when it comes to this step for the so many-th time. */
  death?: {
    step: Step
    time: number
    /** In a transaction it dies before its so many-th statement; at the latest before the transaction is committed. */
    statement?: number
    /** Where the store is reached over a network: in a transaction it dies so many milliseconds after its beginning. */
    within?: number
  }
  /**
   * The verdicts of these calls, counted from 1, come after the lease: each when a lead of one of its persons is sent
   * again, or after so many milliseconds. It then says that all are to be tried again.
   */
  late?: { first: number; last: number; ms: number }
  /** After its so many-th claim the whole process stands still. */
  stall?: { claim: number; ms: number }
}

/** The parts with this fate around them. To be called before the relay is started. */
export function arm({ death, late, stall }: Fate): (parts: Parts) => Parts {
  let left = death?.time ?? 0
  let transaction: Step | undefined = 'start-migrating'
  let statements = 0
  let calls = 0
  let claims = 0
  /** Whose verdict is late, and what is to happen when one of their leads is sent again: as a rule with newer ones. */
  const overdue: { persons: ReadonlySet<string>; sentAgain: () => void }[] = []

  function reach(step: Step): void {
    if (step !== death?.step) return
    left -= 1
    if (left === 0) die(step)
  }

  /** `work` runs its transaction before it returns, where the store is a SQLite; on its way, where it is not. */
  function within<T>(step: Step, work: () => Promise<T>): Promise<T> {
    transaction = step
    statements = 0
    const outcome = work()
    transaction = undefined
    if (death?.within !== undefined) setTimeout(() => reach(step), death.within)
    return outcome
  }
  if (death?.within !== undefined && death.step.startsWith('start')) setTimeout(() => reach(death.step), death.within)

  // The product begins and ends each transaction by `exec`, and runs what is in it by `all`.
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (words: string) {
    if (words === 'COMMIT' && transaction) {
      reach(transaction)
      transaction = transaction === 'start-migrating' ? 'start-resuming' : undefined
      statements = 0
    }
    exec.call(this, words)
  }
  const { all } = StatementSync.prototype
  StatementSync.prototype.all = function (this: StatementSync, ...values: SQLInputValue[]) {
    statements += 1
    // The last one of those that are waited for.
    if (transaction === death?.step && left === 1 && statements === death?.statement) reach(death.step)
    return Reflect.apply(all, this, values)
  } as typeof all

  return ({ outbox, transport, now }) => {
    transaction = undefined
    return {
      now,
      outbox: {
        ...outbox,
        async add(leads, dueAt) {
          // An empty one only asks.
          if (leads.length === 0) return outbox.add(leads, dueAt)
          reach('add-before')
          await within('add-during', () => outbox.add(leads, dueAt))
          reach('add-after')
        },
        async claim(...words) {
          const claimed = await within('claim-during', () => outbox.claim(...words))
          if (claimed.length > 0) {
            reach('claim-after')
            claims += 1
            if (claims === stall?.claim) standStill(stall.ms)
          }
          return claimed
        },
        async settle(...words) {
          await within('settle-during', () => outbox.settle(...words))
          reach('settle-after')
        },
      },
      transport: {
        name: transport.name,
        async deliver(leads) {
          calls += 1
          const isLate = late !== undefined && calls >= late.first && calls <= late.last
          for (const { persons, sentAgain } of overdue) if (leads.some(({ person }) => persons.has(person))) sentAgain()
          const attempt = transport.deliver(leads)
          if (death?.step === 'call-during') setTimeout(() => reach('call-during'), ON_THE_WIRE)
          const verdicts = await attempt
          reach('call-after')
          if (isLate) {
            await new Promise<void>((resolve) => {
              const persons = new Set(leads.map(({ person }) => person))
              overdue.push({ persons, sentAgain: () => setTimeout(resolve, ON_THE_WIRE) })
              setTimeout(resolve, late.ms)
            })
            tell('late')
            return leads.map(() => ({ kind: 'retry', reason: 'the verdict came too late' }))
          }
          return verdicts
        },
      },
    }
  }

  function standStill(ms: number): void {
    tell('stall')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  }
}

/** Never returns. */
function die(step: Step): void {
  tell(`died ${step}`)
  process.kill(process.pid, 'SIGKILL')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** One line, written before anything else happens. */
function tell(line: string): void {
  writeSync(1, `${line}\n`)
}
