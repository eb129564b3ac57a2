/** `describeMObject`: an object's fields with their types, sizes and flags. Source: Marketo's page "Describe MObject". */
import { child, childrenOf, type Element } from '../xml/reader.ts'
import { xmlText } from '../xml/escape.ts'
import { checkRequiredText, fieldsOf } from './check.ts'
import { LARGE_REPLY, type Operation } from './operation.ts'
import { booleanOf, countOf, textOf, wordOf } from './values.ts'

export interface DescribeMObject {
  /** One that `listMObjects` names. */
  objectName: 'ActivityRecord' | 'LeadRecord' | 'Opportunity' | 'OpportunityPersonRole' | (string & {})
}

export interface MObject {
  name: string
  description: string | null
  isCustom: boolean
  isVirtual: boolean
  fields: MObjectField[]
  /** As Marketo writes it: a date and time of XML Schema, `2026-11-23T09:30:00-06:00`. */
  updatedAt: string | null
}

export interface MObjectField {
  /** The name that an attribute has in `syncLead`. */
  name: string
  description: string | null
  /** What people read in Marketo. */
  displayName: string | null
  sourceObject: string | null
  /** `string`, `email`, `phone`, `text`, `integer`, `datetime`, `boolean`, `score`, … */
  dataType: string
  /** Characters, for text alone. */
  size: number | null
  /** A value for it is taken without a word, and dropped. */
  isReadonly: boolean
  isUpdateBlocked: boolean
  isName: boolean | null
  isPrimaryKey: boolean
  isCustom: boolean
  isDynamic: boolean
  dynamicFieldRef: string | null
  updatedAt: string | null
}

export const describeMObject: Operation<DescribeMObject, MObject> = {
  name: 'describeMObject',
  maxBytes: LARGE_REPLY,

  check(input, complain) {
    const fields = fieldsOf(input, ['objectName'], '', complain)
    if (fields) checkRequiredText(fields.objectName, 'objectName', complain)
  },

  write: ({ objectName }) => `<objectName>${xmlText(objectName)}</objectName>`,

  read(result) {
    const metadata = child(result, 'metadata')
    const name = wordOf(metadata, 'name')
    const list = child(metadata, 'fieldList')
    if (name === null || !list) return undefined
    return {
      name,
      description: textOf(metadata, 'description'),
      isCustom: booleanOf(metadata, 'isCustom') ?? false,
      isVirtual: booleanOf(metadata, 'isVirtual') ?? false,
      fields: childrenOf(list, 'field').map(readField),
      updatedAt: wordOf(metadata, 'updatedAt'),
    }
  },
}

function readField(field: Element): MObjectField {
  return {
    name: wordOf(field, 'name') ?? '',
    description: textOf(field, 'description'),
    displayName: textOf(field, 'displayName'),
    sourceObject: textOf(field, 'sourceObject'),
    dataType: wordOf(field, 'dataType') ?? '',
    size: countOf(field, 'size'),
    isReadonly: booleanOf(field, 'isReadonly') ?? false,
    isUpdateBlocked: booleanOf(field, 'isUpdateBlocked') ?? false,
    isName: booleanOf(field, 'isName'),
    isPrimaryKey: booleanOf(field, 'isPrimaryKey') ?? false,
    isCustom: booleanOf(field, 'isCustom') ?? false,
    isDynamic: booleanOf(field, 'isDynamic') ?? false,
    dynamicFieldRef: textOf(field, 'dynamicFieldRef'),
    updatedAt: wordOf(field, 'updatedAt'),
  }
}
