/** The command that starts the demo with the relay in workerd, whose script it builds. */
import { startDemoTest } from './start-demo.ts'

startDemoTest('start:edge', ['--edge', '--rest'])
