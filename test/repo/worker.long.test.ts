/** Builds of the Worker for one transport alone. `worker.test.ts` has the one for both. */
import { workerBuildTest } from './worker-build.ts'

workerBuildTest('rest', ['rest-transport.js'])
workerBuildTest('soap', ['soap-transport.js'])
