/**
 * What every outbox must do, whatever keeps it. One file a topic; all of it goes through the port alone, so that an
 * outbox in another process or runtime can be held to it too.
 */
import { describe } from 'vitest'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { oneByOne, WIDE, type OneByOne } from './leads.ts'
import { handingOut } from './handing-out.ts'
import { halting } from './halting.ts'
import { keeping } from './keeping.ts'
import { limiting } from './limiting.ts'
import { mending } from './mending.ts'
import { settling } from './settling.ts'
import { sharing } from './sharing.ts'
import { surviving } from './surviving.ts'

/** Opens an empty outbox of those limits. It may use `onTestFinished` to close it. */
export type OpenOutbox = (limits: Limits) => Outbox | Promise<Outbox>

/** Opens an empty outbox with a call for each lead, and no limit that is met. */
export type Open = () => Promise<OneByOne>

/** An outbox that outlives what runs it. */
interface Durable {
  outbox: Outbox
  /** Ends what runs it and starts it anew on what it kept. */
  reopen(): Outbox | Promise<Outbox>
  /** From now on the database fails to write the job of this id: `refusals` says how. */
  refuse(id: string): void | Promise<void>
}

export type OpenDurable = (limits: Limits) => Durable | Promise<Durable>

/** Holds an outbox to the port. */
export function outboxSuite(name: string, openOutbox: OpenOutbox): void {
  const open: Open = async () => oneByOne(await openOutbox(WIDE))
  describe(`outbox: ${name}`, () => {
    keeping(open)
    handingOut(open)
    settling(open)
    halting(open)
    sharing(openOutbox)
    limiting(openOutbox)
    mending(openOutbox)
  })
}

/** Holds it to the port, and to what it promises about crashes. */
export function durableOutboxSuite(name: string, open: OpenDurable): void {
  outboxSuite(name, async (limits) => (await open(limits)).outbox)
  describe(`outbox: ${name}`, () => surviving(open))
}
