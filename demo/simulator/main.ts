/** Runs the simulator as a program: `node demo/simulator/main.ts --port 8090`. */
import { simulatorCommand } from './command.ts'

process.exitCode = await simulatorCommand(process.argv.slice(2))
