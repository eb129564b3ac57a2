/** The suite of delivery on the oracle, with all its cases. */
import { deliverySuite } from '../suites/delivery/suite.ts'
import { createMemoryOutbox } from './memory-outbox.ts'

deliverySuite('memory', (limits, batchKeys) => createMemoryOutbox(limits, batchKeys), true)
