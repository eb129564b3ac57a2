import { createMemoryOutbox } from '../../../relay/outbox/memory.ts'
import { outboxSuite } from './suite.ts'

outboxSuite('memory', createMemoryOutbox)
