/**
 * The suite that every implementation of the outbox passes, one file a topic. It uses the port alone, so that it runs
 * against an outbox in another process or runtime too.
 */
import { describe } from 'vitest'
import { TEST_BATCH_KEYS } from '../../oracle/memory-outbox.ts'
import type { BatchKeys } from '../../../relay/outbox/batch-planner.ts'
import type { Limits } from '../../../relay/outbox/limits/limits.ts'
import type { MoveJob } from '../../../relay/outbox/move-job.ts'
import type { Outbox } from '../../../relay/outbox/outbox.ts'
import { acts, durableActs } from './acts.ts'
import { accounts } from './accounts.ts'
import { attributes } from './attributes.ts'
import { batchSize } from './batch-size.ts'
import { batching } from './batching.ts'
import { breaker } from './breaker.ts'
import { discarding } from './discarding.ts'
import { durability } from './durability.ts'
import { durableExpiring, expiring } from './expiring.ts'
import { durableTurns, fairness, sources } from './fairness.ts'
import { durableHeldForms, heldForms } from './held-forms.ts'
import { holding } from './holding.ts'
import { oneByOne, WIDE, type OneByOne } from './leads.ts'
import { ids } from './ids.ts'
import { leasing } from './leasing.ts'
import { limits } from './limits.ts'
import { listing } from './listing.ts'
import { durableOwed, owed } from './owed.ts'
import { durablePersons, persons } from './persons.ts'
import { pressure } from './pressure.ts'
import { receipts } from './receipts.ts'
import { replaying } from './replaying.ts'
import { settling } from './settling.ts'
import { shares } from './shares.ts'
import { stepAside } from './step-aside.ts'
import { storing } from './storing.ts'
import { submissions } from './submissions.ts'
import { surveying } from './surveying.ts'
import { visitors } from './visitors.ts'
import { wrongClock } from './wrong-clock.ts'

/** Settings of an outbox under test. */
export interface OutboxSettings {
  limits: Limits
  batchKeys: BatchKeys
  /** Moves jobs to the other accounts in the database. */
  moveJob?: MoveJob
}

/** Opens an empty outbox. It may use `onTestFinished` to close it. */
export type OpenOutbox = (settings: OutboxSettings) => Outbox | Promise<Outbox>

/** Opens an empty outbox with these limits, and with the batch keys of SOAP unless others are given. */
export type Open = (limits: Limits, batchKeys?: BatchKeys) => Promise<Outbox>

/** Opens an empty outbox whose batches have one lead each, with limits that no test reaches. */
export type OpenOneByOne = () => Promise<OneByOne>

/** An outbox that survives the end of its process. */
export interface DurableOutbox {
  outbox: Outbox
  /** Ends the process that runs the outbox and starts it again on the same database. */
  reopen(changed?: Partial<OutboxSettings>): Outbox | Promise<Outbox>
  /** Opens the outbox of another account in the same database, with the same settings. */
  openAccount(account: string): Outbox | Promise<Outbox>
  /** Makes the database refuse each write of the job with this id; see `refusingTriggers`. */
  refuse(id: string): void | Promise<void>
}

export type OpenDurable = (settings: OutboxSettings) => DurableOutbox | Promise<DurableOutbox>

/** Tests an outbox against the port. */
export function outboxSuite(name: string, openOutbox: OpenOutbox): void {
  const open: Open = async (limits, batchKeys = TEST_BATCH_KEYS) => openOutbox({ limits, batchKeys })
  const openOneByOne: OpenOneByOne = async () => oneByOne(await open(WIDE))
  describe(`outbox: ${name}`, () => {
    storing(openOneByOne)
    ids(open)
    holding(open)
    heldForms(open)
    leasing(openOneByOne)
    wrongClock(open)
    visitors(open)
    settling(openOneByOne)
    stepAside(open)
    breaker(openOneByOne, open)
    batching(open)
    fairness(open)
    sources(open)
    batchSize(open)
    limits(open)
    shares(open)
    listing(open)
    replaying(open)
    attributes(open)
    receipts(open)
    owed(open)
    pressure(open)
    submissions(open)
    surveying(open)
    discarding(open)
    persons(open)
    expiring(open)
    acts(open)
  })
}

/** Tests an outbox against the port, and against what it promises about crashes and about accounts. */
export function durableOutboxSuite(name: string, open: OpenDurable): void {
  outboxSuite(name, async (settings) => (await open(settings)).outbox)
  describe(`outbox: ${name}`, () => {
    durability(open)
    durableTurns(open)
    accounts(open)
    durableOwed(open)
    durableHeldForms(open)
    durablePersons(open)
    durableExpiring(open)
    durableActs(open)
  })
}
