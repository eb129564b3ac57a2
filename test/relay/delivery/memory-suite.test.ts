import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { deliverySuite } from '../../suites/delivery/suite.ts'

deliverySuite('memory', ({ limits, batchKeys }) => createMemoryOutbox(limits, batchKeys))
