/** Examines an account over SOAP: credentials and the operations that the relay uses. It writes a person only when told to. */
import type { SoapAccount } from '../../config/account.ts'
import { createClient } from '../../marketo/soap/client.ts'
import { MarketoError } from '../../marketo/soap/marketo-error.ts'
import { examineMunchkinId, observe } from './connection.ts'
import { ok, type Diagnosis, type DoctorOptions, type Examination } from './diagnosis.ts'

const AUTHENTICATION_FAILED = '20014'
const TIMESTAMP_EXPIRED = '20016'

/** Examines an account. Never rejects. */
export async function examineSoap(account: SoapAccount, options: DoctorOptions): Promise<Diagnosis> {
  const connection = observe(account.endpoint, options, 'Set it by NTP: Marketo refuses signatures of a wrong time.')
  const { now, timeout } = options
  const marketo = createClient({ ...account, fetch: connection.fetch, now, timeout })

  async function examine(name: string, work: () => Promise<string>): Promise<Examination> {
    try {
      return ok(name, await work())
    } catch (error) {
      if (!(error instanceof MarketoError)) throw error
      const { code, fault } = error
      const seen = fault ? `${fault.code ?? 'A fault'} ${fault.name}.` : `${error.message}.`
      return {
        name,
        result: 'error',
        seen,
        advice: ADVICE[code] ?? 'See the message, and Marketo’s page "Error Codes".',
      }
    }
  }

  const examinations = [
    await examine('credentials', async () => {
      await marketo.listMObjects()
      return 'Marketo accepts user id and key.'
    }),
    await examine('describeMObject', async () => {
      const { fields } = await marketo.describeMObject({ objectName: 'LeadRecord' })
      return `${fields.length} fields of a person can be read.`
    }),
  ]
  let leadId: number | null = null
  const { lead } = options
  if (lead !== undefined) {
    examinations.push(
      await examine('lead', async () => {
        const result = await marketo.syncLead({ email: lead })
        leadId = result.leadId
        return `The person has the id ${leadId} (${result.status}). Delete it in Marketo if it was a test.`
      }),
    )
  }
  return {
    transport: 'soap',
    examinations: [...connection.examine(), ...examinations, examineMunchkinId(account.endpoint, options.munchkinId)],
    ...(leadId !== null && { leadId }),
    pleaseTellUs: [],
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  [AUTHENTICATION_FAILED]: 'Compare MARKETO_USER_ID and MARKETO_SECRET_KEY with Admin > Integration > Web Services.',
  [TIMESTAMP_EXPIRED]: 'Set the clock of this machine by NTP.',
  unreachable: 'Check the endpoint, and whether a firewall lets this machine call it.',
  unreadable: 'Something else than Marketo answers: check the endpoint. Adobe removed SOAP from live tenants in 2026.',
  redirect: 'The endpoint redirects, which is not followed: use the address that it redirects to.',
}
