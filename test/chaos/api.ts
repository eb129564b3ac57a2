/** The API by which a run reaches Marketo: all that differs between SOAP and REST. The plan of a run is the same. */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { Api } from '../support/account-variables.ts'
import { FORMS } from './plan.ts'

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
