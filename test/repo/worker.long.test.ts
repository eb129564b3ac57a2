/** Builds of the Worker: for both transports, as it is deployed, and for one transport alone. */
import { workerBuildTest } from './worker-build.ts'

workerBuildTest('', ['rest-transport.js', 'soap-transport.js'])
workerBuildTest('rest', ['rest-transport.js'])
workerBuildTest('soap', ['soap-transport.js'])
