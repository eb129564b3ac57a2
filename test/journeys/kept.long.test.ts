/** The tests of `kept.test.ts` in workerd, and by SOAP. */
import { keptSuite } from '../suites/journeys/kept.ts'

keptSuite('node', 'soap')
keptSuite('workerd', 'soap')
