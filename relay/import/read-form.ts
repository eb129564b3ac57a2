/** Reads a Marketo form with its fields, over REST. It changes nothing. */
import type { RestAccount } from '../config/account.ts'
import { createCall, type CallConfig, type Failure } from '../marketo/rest/call.ts'
import { fieldsOfForm, type FormField } from '../marketo/client/lists.ts'
import { readList, type List } from '../marketo/client/read-list.ts'
import { explain } from '../marketo/rest/verdicts.ts'

export interface MarketoForm {
  id: number
  name: string
  /** `approved`, `draft` or `approved with draft`. */
  status: string
  buttonLabel: string
  hasProfiling: boolean
  /** Page to show afterwards, if it is the same for all visitors. */
  thanks: string | undefined
  /** True if Marketo chooses the page by rules. */
  hasThanksRules: boolean
  fields: FormField[]
}

type Head = Omit<MarketoForm, 'id' | 'fields'>

const headOf = (id: number): List<Head> => ({
  path: `/rest/asset/v1/form/${id}.json`,
  parse: ({ name, status, buttonLabel, progressiveProfiling, thankYouList }) => {
    const pages = Array.isArray(thankYouList)
      ? (thankYouList as { followupType?: unknown; followupValue?: unknown }[])
      : []
    const page = pages.find(({ followupType }) => followupType === 'url')
    return {
      name: typeof name === 'string' ? name : '',
      status: typeof status === 'string' ? status.toLowerCase() : '',
      buttonLabel: typeof buttonLabel === 'string' ? buttonLabel : '',
      hasProfiling: progressiveProfiling === true,
      thanks: pages.length === 1 && typeof page?.followupValue === 'string' ? page.followupValue : undefined,
      hasThanksRules: pages.length > 1 || pages.some(({ followupType }) => followupType === 'lp'),
    }
  },
})

/** Reads the form; or returns why it cannot be read, in a sentence. Never rejects. */
export async function readMarketoForm(
  account: RestAccount,
  id: number,
  { timeout, ...caller }: Pick<CallConfig, 'fetch' | 'now'> & { timeout: number },
): Promise<MarketoForm | string> {
  const call = createCall({ ...account, ...caller })
  const { host } = new URL(account.endpoint)
  const head = await readList(call, headOf(id), timeout)
  if (head.kind !== 'done') return reasonOf(head, id, host)
  const fields = await readList(call, fieldsOfForm(id), timeout)
  if (fields.kind !== 'done') return reasonOf(fields, id, host)
  const [found] = head.result
  return found ? { id, ...found, fields: fields.result } : `there is no Marketo form ${id}`
}

function reasonOf(failure: Failure, id: number, host: string): string {
  const code = failure.kind === 'error' ? failure.error.code : undefined
  if (code === '702' || code === '610') return `there is no Marketo form ${id}`
  const advice = code === '603' ? '; the API user needs the right "Read-Only Asset"' : ''
  return `${explain(failure, host)}${advice}`
}
