/** A `leadKey`: one way to say which person is meant, for the operations that take no record. */
import type { Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkId, checkOneOf, checkRequiredText, fieldsOf, isObject, inside, type AddIssue } from './check.ts'
import { textOf, wordOf } from './values.ts'

/** Marketo's `LeadKeyRef`. */
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
export type LeadKeyType = (typeof LEAD_KEY_TYPES)[number]

/** The three usual keys by their short names, any other by its type. */
export type LeadKey =
  | { id: number }
  | { email: string }
  /** The whole Munchkin cookie: `id:123-ABC-456&token:_mch-…`. */
  | { cookie: string }
  | { keyType: LeadKeyType; keyValue: string }

/** A key as Marketo tells it back. */
export interface LeadKeyRecord {
  keyType: string
  keyValue: string
}

const SHORT = { id: 'IDNUM', email: 'EMAIL', cookie: 'COOKIE' } as const

export function checkKey(key: unknown, place: string, complain: AddIssue): void {
  if (isObject(key) && Object.keys(key).length === 1) {
    if ('id' in key) return checkId(key.id, inside(place, 'id'), complain)
    if ('email' in key) return checkRequiredText(key.email, inside(place, 'email'), complain)
    if ('cookie' in key) return checkRequiredText(key.cookie, inside(place, 'cookie'), complain)
  }
  if (!isObject(key) || (!('keyType' in key) && !('keyValue' in key))) {
    return complain(place, 'must be one key: id, email, cookie, or keyType and keyValue')
  }
  fieldsOf(key, ['keyType', 'keyValue'], place, complain)
  checkOneOf(key.keyType, LEAD_KEY_TYPES, inside(place, 'keyType'), complain)
  checkRequiredText(key.keyValue, inside(place, 'keyValue'), complain)
}

export function writeKey(key: LeadKey): string {
  const [keyType, keyValue] = 'keyType' in key ? [key.keyType, key.keyValue] : shortKey(key)
  return `<leadKey><keyType>${keyType}</keyType><keyValue>${xmlText(String(keyValue))}</keyValue></leadKey>`
}

function shortKey(key: { id: number } | { email: string } | { cookie: string }): [string, string | number] {
  if ('id' in key) return [SHORT.id, key.id]
  return 'email' in key ? [SHORT.email, key.email] : [SHORT.cookie, key.cookie]
}

export function readKey(key: Element | undefined): LeadKeyRecord | undefined {
  const keyType = wordOf(key, 'keyType')
  const keyValue = textOf(key, 'keyValue')
  return keyType === null || keyValue === null ? undefined : { keyType, keyValue }
}
