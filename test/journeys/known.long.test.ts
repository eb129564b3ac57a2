/** The tests of `known.test.ts` in workerd, and by SOAP. */
import { knownSuite } from '../suites/journeys/known.ts'

knownSuite('node', 'soap')
knownSuite('workerd', 'soap')
