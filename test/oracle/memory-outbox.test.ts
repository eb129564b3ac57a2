import { createMemoryOutbox } from './memory-outbox.ts'
import { outboxSuite } from '../suites/outbox/suite.ts'

outboxSuite('memory', createMemoryOutbox)
