/** Checks, writes and reads a `leadRecord`: one lead with its keys and attributes. */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkId, checkOneOf, checkText, fieldPath, isBlank, isObject, type AddIssue } from './check.ts'
import { idOf, textOf } from './values.ts'

const FOREIGN_SYS_TYPES = ['CUSTOM', 'SFDC', 'NETSUITE'] as const

/**
 * System that a `foreignSysPersonId` comes from: `SFDC` is Salesforce, `CUSTOM` any other.
 *
 * Source: `ForeignSysType` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const foreignSysType: ForeignSysType = 'CUSTOM'
 * ```
 */
export type ForeignSysType = (typeof FOREIGN_SYS_TYPES)[number]

/**
 * Keys and attributes of a lead to create or update.
 *
 * If there are several keys, Marketo uses the first of `id`, `foreignSysPersonId`, `email`. Blank keys are not sent.
 * Control characters, which XML 1.0 cannot hold, are removed from every text.
 *
 * Source: Marketo's pages "syncLead" and "syncMultipleLeads".
 *
 * @example
 *
 * ```ts
 * const fields: LeadFields = {
 *   foreignSysPersonId: 'crm-0071',
 *   foreignSysType: 'CUSTOM',
 *   email: 'ben@acme.example',
 *   attributes: { FirstName: 'Ben', Company: 'Acme' },
 * }
 * ```
 */
export interface LeadFields {
  /** Marketo's id, from 1 to 2,147,483,647. */
  id?: number | undefined
  /** E-mail address. Several leads in Marketo may have the same one. */
  email?: string | undefined
  /** Id of the lead in another system; requires `foreignSysType`. */
  foreignSysPersonId?: string | undefined
  /** System of `foreignSysPersonId`. */
  foreignSysType?: ForeignSysType | undefined
  /** Attributes to write. Names must be unique, ignoring case. */
  attributes?: Attributes | undefined
}

/**
 * Attributes of a lead: an object of names and values, or a list, which keeps its order and may give types.
 *
 * @example
 *
 * ```ts
 * const short: Attributes = { FirstName: 'Ana', Company: '' }
 * const list: Attributes = [{ name: 'FirstName', value: 'Ana', type: 'string' }]
 * ```
 */
export type Attributes = readonly LeadAttribute[] | Readonly<Record<string, string>>

/**
 * Attribute of a lead to write.
 *
 * Source: `Attribute` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const attribute: LeadAttribute = { name: 'Subscribed__c', value: '1' }
 * ```
 */
export interface LeadAttribute {
  /** Marketo's SOAP API name, for example `FirstName`. A name that Marketo does not know fails the call with 20105. */
  name: string
  /** Value as text: dates as `YYYY-MM-DD`, booleans as `1` or `0`. An empty value clears the attribute. */
  value: string
  /** Marketo's `attrType`, which may be left out. */
  type?: string | undefined
}

/**
 * Lead as Marketo returns it. Null stands for a value that was nil or absent.
 *
 * Source: `LeadRecord` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const record: LeadRecord = {
 *   id: 1_000_042,
 *   email: 'ana@acme.example',
 *   foreignSysPersonId: null,
 *   foreignSysType: null,
 *   attributes: [{ name: 'FirstName', value: 'Ana', type: 'string' }],
 * }
 * ```
 */
export interface LeadRecord {
  /** Marketo's id. */
  id: number | null
  /** E-mail address. */
  email: string | null
  /** Id of the lead in another system. */
  foreignSysPersonId: string | null
  /** A {@link ForeignSysType}, or a type that the WSDL does not list. */
  foreignSysType: string | null
  /** Attributes in Marketo's order. Values are text, as Marketo wrote them. */
  attributes: { name: string; value: string | null; type: string | null }[]
}

export const LEAD_FIELDS = ['id', 'email', 'foreignSysPersonId', 'foreignSysType', 'attributes'] as const

/** Checks all fields of a lead. Does not check that there is a key: see `hasKey`. */
export function checkFields(fields: Readonly<Record<string, unknown>>, path: string, addIssue: AddIssue): void {
  const { id, email, foreignSysPersonId, foreignSysType, attributes } = fields
  if (!isBlank(id)) checkId(id, fieldPath(path, 'id'), addIssue)
  checkText(email, fieldPath(path, 'email'), addIssue)
  checkText(foreignSysPersonId, fieldPath(path, 'foreignSysPersonId'), addIssue)
  if (!isBlank(foreignSysPersonId) || !isBlank(foreignSysType)) {
    checkOneOf(foreignSysType, FOREIGN_SYS_TYPES, fieldPath(path, 'foreignSysType'), addIssue)
  }
  if (!isBlank(attributes)) checkAttributes(attributes, fieldPath(path, 'attributes'), addIssue)
}

/** Returns true if the lead has a key. Marketo needs one of these, or a cookie, to find the lead. */
export function hasKey({ id, email, foreignSysPersonId }: { [Key in keyof LeadFields]?: unknown }): boolean {
  return !isBlank(id) || !isBlank(email) || !isBlank(foreignSysPersonId)
}

function checkAttributes(attributes: unknown, path: string, addIssue: AddIssue): void {
  if (!isObject(attributes) && !Array.isArray(attributes)) {
    addIssue(path, 'must be a list of names and values, or an object')
    return
  }
  const seen = new Set<string>()
  toAttributeList(attributes as Attributes).forEach((attribute: unknown, at) => {
    const attributePath = `${path}[${at}]`
    if (!isObject(attribute)) {
      addIssue(attributePath, 'must be an object with a name and a value')
      return
    }
    const { name, value, type } = attribute
    if (typeof name !== 'string' || isBlank(name)) addIssue(`${attributePath}.name`, 'is missing')
    else if (seen.has(name.toLowerCase())) addIssue(`${attributePath}.name`, `is a duplicate: ${name}`)
    else seen.add(name.toLowerCase())
    if (typeof value !== 'string')
      addIssue(`${attributePath}.value`, `must be text${typeof name === 'string' ? `: ${name}` : ''}`)
    checkText(type, `${attributePath}.type`, addIssue)
  })
}

/** Writes the `leadRecord` element. */
export function writeRecord({ id, email, foreignSysPersonId, foreignSysType, attributes }: LeadFields): string {
  let list = ''
  for (const { name, value, type } of toAttributeList(attributes ?? [])) {
    const attrType = isBlank(type) ? '' : `<attrType>${xmlText(type)}</attrType>`
    list += `<attribute><attrName>${xmlText(name)}</attrName>${attrType}<attrValue>${xmlText(value)}</attrValue></attribute>`
  }
  const foreign = isBlank(foreignSysPersonId)
    ? ''
    : `<ForeignSysPersonId>${xmlText(foreignSysPersonId)}</ForeignSysPersonId><ForeignSysType>${foreignSysType}</ForeignSysType>`
  return (
    '<leadRecord>' +
    (isBlank(id) ? '' : `<Id>${id}</Id>`) +
    (isBlank(email) ? '' : `<Email>${xmlText(email)}</Email>`) +
    foreign +
    (list && `<leadAttributeList>${list}</leadAttributeList>`) +
    '</leadRecord>'
  )
}

/** Returns attributes as a list, in the order of the input. */
export function toAttributeList(attributes: Attributes): readonly LeadAttribute[] {
  if (Array.isArray(attributes)) return attributes as readonly LeadAttribute[]
  return Object.entries(attributes as Record<string, string>).map(([name, value]) => ({ name, value }))
}

/** Reads a `leadRecord` element; returns null if it is nil or absent. */
export function readRecord(record: Element | undefined): LeadRecord | null {
  if (!record || record.nil) return null
  return {
    id: idOf(record, 'Id'),
    email: textOf(record, 'Email'),
    foreignSysPersonId: textOf(record, 'ForeignSysPersonId'),
    foreignSysType: textOf(record, 'ForeignSysType'),
    attributes: childrenOf(child(record, 'leadAttributeList'), 'attribute').map((attribute) => ({
      name: textOf(attribute, 'attrName') ?? '',
      value: textOf(attribute, 'attrValue'),
      type: textOf(attribute, 'attrType'),
    })),
  }
}
