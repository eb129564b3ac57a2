/** Two Marketos for a relay in workerd: of its account without a name, and of the account `sandbox`. */
import { onTestFinished } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../../../demo/simulator/serve.ts'
import type { CallView, PersonView } from '../../../../demo/simulator/view.ts'
import { accountVariables } from '../../../support/account-variables.ts'

/** Starts both until the test ends. Resolves with them and the variables of the relay. */
export async function startTwoMarketos() {
  const first = await startMarketo()
  const own = { ...DEMO_ACCOUNT, clientId: 'sandbox-client', clientSecret: 'sandbox secret' }
  const sandbox = await startMarketo(own)
  const variables = {
    ...accountVariables('rest', first.url),
    MARKETO_SANDBOX_REST_ENDPOINT: sandbox.url,
    MARKETO_SANDBOX_CLIENT_ID: own.clientId,
    MARKETO_SANDBOX_CLIENT_SECRET: own.clientSecret,
  }
  return { first, sandbox, variables }
}

async function startMarketo(account = DEMO_ACCOUNT) {
  const simulator = await serveSimulator({ port: 0, account })
  onTestFinished(() => simulator.close())
  const url = simulator.url.replace('localhost', '127.0.0.1')
  return {
    url,
    calls: async () => (await (await fetch(`${url}/sim/calls`)).json()) as CallView[],
    emails: async () => ((await (await fetch(`${url}/sim/leads`)).json()) as PersonView[]).map(({ email }) => email),
    fault: (fault: object) => fetch(`${url}/sim/faults`, { method: 'POST', body: JSON.stringify(fault) }),
  }
}
