/** Defines the field types: the maximum size of a value, and the type name in a returned lead. Data only. */

export type FieldType =
  | 'string'
  | 'text'
  | 'email'
  | 'phone'
  | 'url'
  | 'date'
  | 'datetime'
  | 'boolean'
  | 'integer'
  | 'float'
  | 'currency'
  | 'percent'
  | 'score'

interface TypeFacts {
  /** Maximum length in characters, in bytes for `text`. Null if the type has none. Source: Adobe's field types. */
  size: number | null
  /** Name seen in Marketo's answers, except for `datetime`, which was not seen. */
  attrType: string
}

export const FIELD_TYPES: Readonly<Record<FieldType, TypeFacts>> = {
  string: { size: 255, attrType: 'string' },
  text: { size: 30_000, attrType: 'string' },
  email: { size: 255, attrType: 'string' },
  phone: { size: 255, attrType: 'string' },
  url: { size: 255, attrType: 'url' },
  date: { size: null, attrType: 'date' },
  datetime: { size: null, attrType: 'datetime' },
  boolean: { size: null, attrType: 'boolean' },
  integer: { size: null, attrType: 'integer' },
  float: { size: null, attrType: 'float' },
  currency: { size: null, attrType: 'float' },
  percent: { size: null, attrType: 'float' },
  score: { size: null, attrType: 'integer' },
}
