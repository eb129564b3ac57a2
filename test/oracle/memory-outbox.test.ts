import { outboxSuite } from '../suites/outbox/suite.ts'
import { createMemoryOutbox } from './memory-outbox.ts'

outboxSuite('memory', ({ limits, batchKeys }) => createMemoryOutbox(limits, batchKeys))
