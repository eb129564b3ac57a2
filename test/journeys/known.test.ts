/** The main use case, end to end, on Node by REST. `known.long.test.ts` has the other platforms. */
import { knownSuite } from '../suites/journeys/known.ts'

knownSuite('node', 'rest')
