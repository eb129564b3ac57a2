/** Checks, writes and reads a `leadKey`, which identifies leads in the operations that take no record. */
import type { Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkId, checkObject, checkOneOf, checkRequiredText, fieldPath, isObject, type AddIssue } from './check.ts'
import { textOf, trimmedTextOf } from './values.ts'

/** The WSDL's `LeadKeyRef`. */
const LEAD_KEY_TYPES = [
  'IDNUM',
  'COOKIE',
  'EMAIL',
  'LEADOWNEREMAIL',
  'SFDCACCOUNTID',
  'SFDCCONTACTID',
  'SFDCLEADID',
  'SFDCLEADOWNERID',
  'SFDCOPPTYID',
] as const

/**
 * Type of a {@link LeadKey}: an id, a cookie, an e-mail address, or an id in Salesforce (`SFDC…`).
 *
 * Source: `LeadKeyRef` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const keyType: LeadKeyType = 'SFDCCONTACTID'
 * ```
 */
export type LeadKeyType = (typeof LEAD_KEY_TYPES)[number]

/**
 * Key that identifies one lead, or all leads with the same e-mail address, owner, account or opportunity.
 *
 * `id`, `email` and `cookie` are short for the types `IDNUM`, `EMAIL` and `COOKIE`. The cookie is the whole decoded value
 * of `_mkto_trk`: `id:123-ABC-456&token:_mch-…`.
 *
 * Source: Marketo's page "getLead".
 *
 * @example
 *
 * ```ts
 * const keys: LeadKey[] = [{ id: 1_000_042 }, { keyType: 'SFDCCONTACTID', keyValue: '003A000001abcde' }]
 * ```
 */
export type LeadKey =
  | { id: number }
  | { email: string }
  | { cookie: string }
  | { keyType: LeadKeyType; keyValue: string }

/**
 * Key as Marketo returns it.
 *
 * Source: `LeadKey` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const key: LeadKeyRecord = { keyType: 'IDNUM', keyValue: '1000042' }
 * ```
 */
export interface LeadKeyRecord {
  /** A {@link LeadKeyType}, or a type that the WSDL does not list. */
  keyType: string
  /** Id, address or cookie, as text. */
  keyValue: string
}

const SHORT_KEY_TYPES = { id: 'IDNUM', email: 'EMAIL', cookie: 'COOKIE' } as const

export function checkKey(key: unknown, path: string, addIssue: AddIssue): void {
  if (isObject(key) && Object.keys(key).length === 1) {
    if ('id' in key) return checkId(key.id, fieldPath(path, 'id'), addIssue)
    if ('email' in key) return checkRequiredText(key.email, fieldPath(path, 'email'), addIssue)
    if ('cookie' in key) return checkRequiredText(key.cookie, fieldPath(path, 'cookie'), addIssue)
  }
  if (!isObject(key) || (!('keyType' in key) && !('keyValue' in key))) {
    return addIssue(path, 'must have exactly one key: id, email, cookie, or keyType with keyValue')
  }
  checkObject(key, ['keyType', 'keyValue'], path, addIssue)
  checkOneOf(key.keyType, LEAD_KEY_TYPES, fieldPath(path, 'keyType'), addIssue)
  checkRequiredText(key.keyValue, fieldPath(path, 'keyValue'), addIssue)
}

export function writeKey(key: LeadKey): string {
  const [keyType, keyValue] = 'keyType' in key ? [key.keyType, key.keyValue] : expandShortKey(key)
  return `<leadKey><keyType>${keyType}</keyType><keyValue>${xmlText(String(keyValue))}</keyValue></leadKey>`
}

function expandShortKey(key: { id: number } | { email: string } | { cookie: string }): [string, string | number] {
  if ('id' in key) return [SHORT_KEY_TYPES.id, key.id]
  return 'email' in key ? [SHORT_KEY_TYPES.email, key.email] : [SHORT_KEY_TYPES.cookie, key.cookie]
}

/** Reads a key; returns undefined if its type or its value is missing. */
export function readKey(key: Element | undefined): LeadKeyRecord | undefined {
  const keyType = trimmedTextOf(key, 'keyType')
  const keyValue = textOf(key, 'keyValue')
  return keyType === null || keyValue === null ? undefined : { keyType, keyValue }
}
