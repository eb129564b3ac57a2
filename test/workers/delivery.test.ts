/** The suite of delivery, on the outbox of a Durable Object. */
import { TEST_BATCH_KEYS } from '../oracle/memory-outbox.ts'
import { deliverySuite } from '../suites/delivery/suite.ts'
import { openOutbox } from './open-outbox.ts'

deliverySuite('a Durable Object in workerd', (limits) => openOutbox({ limits, batchKeys: TEST_BATCH_KEYS }))
