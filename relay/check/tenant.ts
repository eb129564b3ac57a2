/**
 * What a Marketo account has, as far as the configuration depends on it: fields, lookup fields, partitions and the fields of
 * Marketo forms. A part that could not be read is absent and has a reason.
 *
 * It reads and changes nothing else. No reason contains a value or a key.
 */
import type { Account } from '../config/account.ts'
import { createCall, type Call, type CallConfig } from '../marketo/rest/call.ts'
import { FIELDS, fieldsOfForm, PARTITIONS, SEARCHABLE, statusOfForm, type FormField } from '../marketo/client/lists.ts'
import { readList, type List } from '../marketo/client/read-list.ts'
import { explain } from '../marketo/rest/verdicts.ts'
import { createClient } from '../marketo/soap/client.ts'
import { MarketoError } from '../marketo/soap/marketo-error.ts'

export interface TenantField {
  /** Name in the API of the account. */
  name: string
  label: string
  /** Type in lower case. */
  dataType: string
  /** Maximum length in characters; null for types without one. */
  length: number | null
  readOnly: boolean
}

export interface Tenant {
  transport: 'rest' | 'soap'
  fields?: readonly TenantField[]
  /** Names of the fields by which people can be found. REST only. */
  searchable?: readonly string[]
  /** Names of the lead partitions. REST only. */
  partitions?: readonly string[]
  /** Fields of the Marketo forms by id. REST only. */
  forms: ReadonlyMap<number, readonly FormField[]>
  /** Ids of those that were never approved. */
  drafts: ReadonlySet<number>
  /** What could not be read, and why. */
  notRead: readonly NotRead[]
}

export interface NotRead {
  what: string
  /** Why, in a sentence for a person, with what to do. */
  reason: string
}

/** Runs a call to Marketo when a limit permits it. */
type RunCall = <T>(call: () => Promise<T>) => Promise<T>

export interface TenantOptions extends Pick<CallConfig, 'fetch' | 'now'> {
  /** Maximum time of each call, in ms. */
  timeout: number
  runCall?: RunCall
}

/** Ids of Marketo forms, and whether lookup fields and partitions are of interest. Each part costs a call. */
export interface Wanted {
  forms: readonly number[]
  searchable: boolean
  partitions: boolean
}

const atOnce: RunCall = (call) => call()

/** Reads an account. Never rejects. */
export function readTenant(account: Account, wanted: Wanted, options: TenantOptions): Promise<Tenant> {
  return account.transport === 'rest' ? readRest(account, wanted, options) : readSoap(account, options)
}

async function readRest(
  account: Account & { transport: 'rest' },
  wanted: Wanted,
  { timeout, runCall = atOnce, ...caller }: TenantOptions,
): Promise<Tenant> {
  const direct = createCall({ ...account, ...caller })
  const call: Call = (request, ...rest) => runCall(() => direct(request, ...rest))
  const { host } = new URL(account.endpoint)
  const notRead: NotRead[] = []

  async function read<T>(what: string, right: string, list: List<T>): Promise<T[] | undefined> {
    try {
      const answer = await readList(call, list, timeout)
      if (answer.kind === 'done') return answer.result
      const code = answer.kind === 'error' ? answer.error.code : undefined
      notRead.push({ what, reason: ADVICE[code ?? '']?.(right) ?? explain(answer, host) })
    } catch (error) {
      notRead.push({ what, reason: (error as Error).message })
    }
    return undefined
  }

  const fields = await read('fields', 'Read-Only Lead', FIELDS)
  // Without the first answer the others would tell the same.
  if (!fields) return { transport: 'rest', forms: new Map(), drafts: new Set(), notRead }
  const searchable = wanted.searchable ? await read('lookup fields', 'Read-Only Lead', SEARCHABLE) : undefined
  const partitions = wanted.partitions ? await read('partitions', 'Read-Only Lead', PARTITIONS) : undefined
  const forms = new Map<number, readonly FormField[]>()
  const drafts = new Set<number>()
  for (const id of wanted.forms) {
    const found = await read(`Marketo form ${id}`, 'Read-Only Asset', fieldsOfForm(id))
    if (!found) continue
    forms.set(id, found)
    const status = await read(`status of Marketo form ${id}`, 'Read-Only Asset', statusOfForm(id))
    if (status?.[0] === 'draft') drafts.add(id)
  }
  return {
    transport: 'rest',
    fields,
    ...(searchable && { searchable: searchable.flat() }),
    ...(partitions && { partitions }),
    forms,
    drafts,
    notRead,
  }
}

/** Reasons by Marketo's code, with what to do. */
const ADVICE: Readonly<Record<string, (right: string) => string>> = {
  '603': (right) => `603 Access denied: give the role of the API user the right "${right}"`,
  '702': () => '702 Record not found: check the id of the form',
  '610': () => '610 Requested resource not found: check the id of the form',
}

async function readSoap(
  account: Exclude<Account, { transport: 'rest' }>,
  { runCall = atOnce, ...caller }: TenantOptions,
): Promise<Tenant> {
  const tenant = { transport: 'soap', forms: new Map<number, never>(), drafts: new Set<number>() } as const
  try {
    const object = await createClient({ ...account, ...caller }).describeMObject(
      { objectName: 'LeadRecord' },
      { runCall },
    )
    const fields = object.fields.map(({ name, displayName, dataType, size, isReadonly, isUpdateBlocked }) => ({
      name,
      label: displayName ?? name,
      dataType: dataType.toLowerCase(),
      length: size,
      readOnly: isReadonly || isUpdateBlocked,
    }))
    return { ...tenant, fields, notRead: [] }
  } catch (error) {
    const reason = error instanceof MarketoError && error.fault ? `${error.code} ${error.fault.name}` : undefined
    return { ...tenant, notRead: [{ what: 'fields', reason: reason ?? (error as Error).message }] }
  }
}
