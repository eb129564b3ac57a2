/** The suite of the outbox in Durable Objects with a data key. */
import { durableOutboxSuite } from '../suites/outbox/suite.ts'
import { openEncrypted } from './encrypted-outbox.ts'

durableOutboxSuite('a Durable Object in workerd with a data key', openEncrypted)
