/** The API by which a run reaches Marketo: all that differs between SOAP and REST. The plan of a run is the same. */
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import type { AskedFault } from '../../demo/simulator/faults.ts'
import { FORMS } from './plan.ts'

export const APIS = ['soap', 'rest'] as const
export type Api = (typeof APIS)[number]

export function isApi(name: string): name is Api {
  return (APIS as readonly string[]).includes(name)
}

/** Returns the relay's variables of an account of this simulator. */
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

/** Returns the content of the forms file. REST has no workspaces. */
export function formsFile(api: Api): string {
  return JSON.stringify(FORMS, (key, value: unknown) => (api === 'rest' && key === 'workspace' ? undefined : value))
}

/** The code of REST that means what a fault of SOAP means. */
const REST_FAULTS: Readonly<Record<string, `${number}`>> = {
  failed: '1029',
  '10001': '611',
  '20013': '603',
  '20015': '607',
  '20016': '601',
  '20023': '606',
  '20024': '615',
  '20105': '612',
  '20106': '1019',
}

/** Returns a fault of SOAP as the API has it. */
export function faultOf(api: Api, fault: AskedFault): AskedFault {
  return api === 'soap' ? fault : { ...fault, fault: REST_FAULTS[fault.fault] ?? fault.fault }
}
