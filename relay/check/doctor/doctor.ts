/** Examines a Marketo account: the connection, the credentials, and what its user may do. */
import type { Account } from '../../config/account.ts'
import type { Diagnosis, DoctorOptions } from './diagnosis.ts'
import { examineRest } from './rest.ts'
import { examineSoap } from './soap.ts'

/** Examines an account. It changes nothing, unless `lead` names a person to create or update. */
export function examineAccount(account: Account, options: DoctorOptions): Promise<Diagnosis> {
  return account.transport === 'rest' ? examineRest(account, options) : examineSoap(account, options)
}
