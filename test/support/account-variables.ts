/** The variables by which a relay reaches the account of a simulator, over either API. */
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'

export const APIS = ['soap', 'rest'] as const

/** The API by which a relay reaches Marketo. */
export type Api = (typeof APIS)[number]

/** Returns the relay's variables of the demo's account at a simulator. */
export function accountVariables(api: Api, url: string): Record<string, string> {
  return api === 'soap'
    ? {
        MARKETO_SOAP_ENDPOINT: `${url}/soap/mktows/3_1`,
        MARKETO_USER_ID: DEMO_ACCOUNT.userId,
        MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      }
    : {
        MARKETO_REST_ENDPOINT: `${url}/rest`,
        MARKETO_CLIENT_ID: DEMO_ACCOUNT.clientId,
        MARKETO_CLIENT_SECRET: DEMO_ACCOUNT.clientSecret,
      }
}
