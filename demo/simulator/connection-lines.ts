/** Writes the settings with which a program calls the simulator, for a terminal. Prints nothing. */
import { DEMO_ACCOUNT, type Account } from './account.ts'

/**
 * Returns a line for each API. A key or secret that is not the demo's is not shown: its variable is named instead.
 *
 * @param url address of the simulator, without a trailing slash
 */
export function connectionLines(url: string, { userId, secretKey, clientId, clientSecret }: Account): string[] {
  const key = secretKey === DEMO_ACCOUNT.secretKey ? secretKey : 'as in SIMULATOR_SECRET_KEY'
  const secret = clientSecret === DEMO_ACCOUNT.clientSecret ? clientSecret : 'as in SIMULATOR_CLIENT_SECRET'
  return [
    `SOAP  ${url}/soap/mktows/3_1   user id ${userId}, secret key ${key}`,
    `REST  ${url}/rest   client id ${clientId}, client secret ${secret}`,
  ]
}
