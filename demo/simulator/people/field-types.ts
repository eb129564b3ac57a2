/** The types that fields have: how long a value may be, and what a returned lead calls them. */

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
  /** The longest value: characters, but bytes for `text`. Null where the type says it all. Source: Adobe's field types. */
  size: number | null
  /** One of those that were seen in Marketo's answers; none was seen for a `datetime`. */
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
