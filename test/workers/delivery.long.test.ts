/** The suite of delivery, on the outbox of a Durable Object. */
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { deliverySuite } from '../suites/delivery/suite.ts'
import { newObject, outboxOf } from './object-outbox.ts'

deliverySuite('a Durable Object in workerd', (limits, batchKeys = TEST_BATCH_KEYS) =>
  outboxOf(newObject(), { limits, batchKeys }),
)
