/**
 * What every outbox must do, whatever keeps it. One file a topic; all of it goes through the port alone, so that an
 * outbox in another process or runtime can be held to it too.
 */
import { describe } from 'vitest'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { handingOut } from './suite/handing-out.ts'
import { halting } from './suite/halting.ts'
import { keeping } from './suite/keeping.ts'
import { settling } from './suite/settling.ts'
import { surviving } from './suite/surviving.ts'

/** Opens an empty outbox. It may use `onTestFinished` to close it. */
export type Open = () => Outbox | Promise<Outbox>

/** An outbox that outlives what runs it. */
interface Durable {
  outbox: Outbox
  /** Ends what runs it and starts it anew on what it kept. */
  reopen(): Outbox | Promise<Outbox>
  /** From now on the database fails to write the job of this id: `refusals` says how. */
  refuse(id: string): void | Promise<void>
}

export type OpenDurable = () => Durable | Promise<Durable>

/** Holds an outbox to the port. */
export function outboxSuite(name: string, open: Open): void {
  describe(`outbox: ${name}`, () => {
    keeping(open)
    handingOut(open)
    settling(open)
    halting(open)
  })
}

/** Holds it to the port, and to what it promises about crashes. */
export function durableOutboxSuite(name: string, open: OpenDurable): void {
  outboxSuite(name, async () => (await open()).outbox)
  describe(`outbox: ${name}`, () => surviving(open))
}
