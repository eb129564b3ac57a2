/** `describeMObject`: gets an object's fields with types, sizes and flags. Source: Marketo's page "describeMObject". */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkObject, checkRequiredText } from './check.ts'
import { LARGE_REPLY_BYTES, type Operation } from './operation.ts'
import { booleanOf, countOf, textOf, trimmedTextOf } from './values.ts'

/**
 * Input of {@link Marketo.describeMObject}.
 *
 * Source: Marketo's page "describeMObject".
 *
 * @example
 *
 * ```ts
 * const input: DescribeMObject = { objectName: 'LeadRecord' }
 * ```
 */
export interface DescribeMObject {
  /** A name that `listMObjects` returns. */
  objectName: 'ActivityRecord' | 'LeadRecord' | 'Opportunity' | 'OpportunityPersonRole' | (string & {})
}

/**
 * Object of Marketo's, with its fields. Null stands for a value that was nil or absent.
 *
 * Source: `MObjectMetadata` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const object: MObject = {
 *   name: 'LeadRecord',
 *   description: null,
 *   isCustom: false,
 *   isVirtual: false,
 *   fields: [],
 *   updatedAt: '2026-11-23T09:30:00-06:00',
 * }
 * ```
 */
export interface MObject {
  /** Name, for example `LeadRecord`. */
  name: string
  description: string | null
  /** True for a custom object. */
  isCustom: boolean
  /** True for a virtual object. */
  isVirtual: boolean
  fields: MObjectField[]
  /** Time of the last change as Marketo wrote it, an XML Schema `dateTime`: `2026-11-23T09:30:00-06:00`. */
  updatedAt: string | null
}

/**
 * Field of an object. Null stands for a value that was nil or absent.
 *
 * Source: `MObjFieldMetadata` in Marketo's WSDL.
 *
 * @example
 *
 * ```ts
 * const isText = ({ dataType, size }: MObjectField): boolean => dataType === 'string' && size !== null
 * ```
 */
export interface MObjectField {
  /** API name, which is the name of an attribute in `syncLead`. */
  name: string
  description: string | null
  /** Name in Marketo's user interface. */
  displayName: string | null
  /** Object that the field comes from. */
  sourceObject: string | null
  /** Type, for example `string`, `email`, `phone`, `text`, `integer`, `datetime`, `boolean` or `score`. */
  dataType: string
  /** Maximum length in characters, for text fields. */
  size: number | null
  /** True if Marketo accepts a value for the field but does not store it. */
  isReadonly: boolean
  /** True if the field is blocked from updates. */
  isUpdateBlocked: boolean
  isName: boolean | null
  isPrimaryKey: boolean
  /** True for a custom field. */
  isCustom: boolean
  isDynamic: boolean
  dynamicFieldRef: string | null
  /** Time of the last change as Marketo wrote it, an XML Schema `dateTime`. */
  updatedAt: string | null
}

export const describeMObject: Operation<DescribeMObject, MObject> = {
  name: 'describeMObject',
  maxBytes: LARGE_REPLY_BYTES,

  check(input, addIssue) {
    const fields = checkObject(input, ['objectName'], '', addIssue)
    if (fields) checkRequiredText(fields.objectName, 'objectName', addIssue)
  },

  write: ({ objectName }) => `<objectName>${xmlText(objectName)}</objectName>`,

  read(result) {
    const metadata = child(result, 'metadata')
    const name = trimmedTextOf(metadata, 'name')
    const list = child(metadata, 'fieldList')
    if (name === null || !list) return undefined
    return {
      name,
      description: textOf(metadata, 'description'),
      isCustom: booleanOf(metadata, 'isCustom') ?? false,
      isVirtual: booleanOf(metadata, 'isVirtual') ?? false,
      fields: childrenOf(list, 'field').map(readField),
      updatedAt: trimmedTextOf(metadata, 'updatedAt'),
    }
  },
}

function readField(field: Element): MObjectField {
  return {
    name: trimmedTextOf(field, 'name') ?? '',
    description: textOf(field, 'description'),
    displayName: textOf(field, 'displayName'),
    sourceObject: textOf(field, 'sourceObject'),
    dataType: trimmedTextOf(field, 'dataType') ?? '',
    size: countOf(field, 'size'),
    isReadonly: booleanOf(field, 'isReadonly') ?? false,
    isUpdateBlocked: booleanOf(field, 'isUpdateBlocked') ?? false,
    isName: booleanOf(field, 'isName'),
    isPrimaryKey: booleanOf(field, 'isPrimaryKey') ?? false,
    isCustom: booleanOf(field, 'isCustom') ?? false,
    isDynamic: booleanOf(field, 'isDynamic') ?? false,
    dynamicFieldRef: textOf(field, 'dynamicFieldRef'),
    updatedAt: trimmedTextOf(field, 'updatedAt'),
  }
}
