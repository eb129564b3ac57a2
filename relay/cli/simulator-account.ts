/** Names the account of `form-sync simulator` on this machine, as its start prints it. Reads no file and calls nothing. */
import type { RestAccount } from '../config/account.ts'

/** Settings of a simulator that is started without options. They are public, and protect nothing. */
export const SIMULATOR = {
  endpoint: 'http://localhost:8090/rest',
  clientId: 'form-sync-demo-client',
  clientSecret: 'demo-client-secret',
  munchkinId: '123-ABC-456',
}

/** Returns the account of the simulator, with the variables that `form-sync simulator` reads. */
export function simulatorAccount(env: NodeJS.ProcessEnv): RestAccount {
  const port = env['SIMULATOR_PORT'] || '8090'
  return {
    transport: 'rest',
    endpoint: `http://localhost:${port}`,
    clientId: env['SIMULATOR_CLIENT_ID'] || SIMULATOR.clientId,
    clientSecret: env['SIMULATOR_CLIENT_SECRET'] || SIMULATOR.clientSecret,
  }
}
