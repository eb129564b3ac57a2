/** A `leadRecord`: how a person is written into a call, and how they are read from a reply. */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkId, checkOneOf, checkText, isBlank, isObject, inside, type AddIssue } from './check.ts'
import { idOf, textOf } from './values.ts'

/** The systems that a foreign id may come from. */
const FOREIGN_SYS_TYPES = ['CUSTOM', 'SFDC', 'NETSUITE'] as const
export type ForeignSysType = (typeof FOREIGN_SYS_TYPES)[number]

/**
 * A person as one tells Marketo of them. Where several keys are given, `id` goes before `foreignSysPersonId`, and that
 * before `email`. Blank keys are not sent.
 */
export interface LeadFields {
  /** Marketo's own id, 1 to 2,147,483,647. */
  id?: number | undefined
  /** Not unique in Marketo: several people may have the same. */
  email?: string | undefined
  /** The id that another system has for them; needs `foreignSysType`. */
  foreignSysPersonId?: string | undefined
  foreignSysType?: ForeignSysType | undefined
  attributes?: Attributes | undefined
}

/** A list keeps its order; an object is the short form for attributes without a type. No name may stand twice. */
export type Attributes = readonly LeadAttribute[] | Readonly<Record<string, string>>

export interface LeadAttribute {
  /** Marketo's SOAP API name: `FirstName`, `Company`, `Topics__c`. One that Marketo lacks fails the call with 20105. */
  name: string
  /** An empty value clears the attribute. Control characters, which XML cannot hold, are left out. */
  value: string
  /** Marketo's `attrType`, which it does not need. */
  type?: string | undefined
}

/** A person as Marketo tells of them. Null is what was nil, or not there. */
export interface LeadRecord {
  id: number | null
  email: string | null
  foreignSysPersonId: string | null
  /** One of three by the WSDL; another is kept as its text. */
  foreignSysType: string | null
  /** In Marketo's order. */
  attributes: { name: string; value: string | null; type: string | null }[]
}

export const LEAD_FIELDS = ['id', 'email', 'foreignSysPersonId', 'foreignSysType', 'attributes'] as const

/** All that is wrong with the fields, but for a key that is missing. */
export function checkFields(fields: Readonly<Record<string, unknown>>, place: string, complain: AddIssue): void {
  const { id, email, foreignSysPersonId, foreignSysType, attributes } = fields
  if (!isBlank(id)) checkId(id, inside(place, 'id'), complain)
  checkText(email, inside(place, 'email'), complain)
  checkText(foreignSysPersonId, inside(place, 'foreignSysPersonId'), complain)
  if (!isBlank(foreignSysPersonId) || !isBlank(foreignSysType)) {
    checkOneOf(foreignSysType, FOREIGN_SYS_TYPES, inside(place, 'foreignSysType'), complain)
  }
  if (!isBlank(attributes)) checkAttributes(attributes, inside(place, 'attributes'), complain)
}

/** Without one of these, and without a cookie, Marketo cannot know whom the record means. */
export function hasKey({ id, email, foreignSysPersonId }: { [Key in keyof LeadFields]?: unknown }): boolean {
  return !isBlank(id) || !isBlank(email) || !isBlank(foreignSysPersonId)
}

function checkAttributes(attributes: unknown, place: string, complain: AddIssue): void {
  if (!isObject(attributes) && !Array.isArray(attributes)) {
    complain(place, 'must be a list of names and values, or an object')
    return
  }
  const seen = new Set<string>()
  listed(attributes as Attributes).forEach((attribute: unknown, at) => {
    const here = `${place}[${at}]`
    if (!isObject(attribute)) {
      complain(here, 'must be an object with a name and a value')
      return
    }
    const { name, value, type } = attribute
    if (typeof name !== 'string' || isBlank(name)) complain(`${here}.name`, 'is missing')
    else if (seen.has(name.toLowerCase())) complain(`${here}.name`, `stands twice: ${name}`)
    else seen.add(name.toLowerCase())
    if (typeof value !== 'string')
      complain(`${here}.value`, `must be text${typeof name === 'string' ? `: ${name}` : ''}`)
    checkText(type, `${here}.type`, complain)
  })
}

/** The record's element. */
export function writeRecord({ id, email, foreignSysPersonId, foreignSysType, attributes }: LeadFields): string {
  let list = ''
  for (const { name, value, type } of listed(attributes ?? [])) {
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

function listed(attributes: Attributes): readonly LeadAttribute[] {
  if (Array.isArray(attributes)) return attributes as readonly LeadAttribute[]
  return Object.entries(attributes as Record<string, string>).map(([name, value]) => ({ name, value }))
}

/** Null for a record that is nil. */
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
