/** Finds fields by their names in both APIs. Reads no value. */
import type { Field } from './fields.ts'
import { restNameOf } from './rest-names.ts'

export interface FieldNames {
  /** By SOAP API name. */
  soap: ReadonlyMap<string, Field>
  /** By REST API name. */
  rest: ReadonlyMap<string, Field>
}

/** Returns a function that returns the maps of the current fields. It makes them anew when the fields have changed. */
export function fieldNames(current: () => readonly Field[]): () => FieldNames {
  let fields: readonly Field[] | undefined
  let names: FieldNames = { soap: new Map(), rest: new Map() }
  return () => {
    const now = current()
    if (now !== fields) {
      fields = now
      names = {
        soap: new Map(now.map((field) => [field.name, field])),
        rest: new Map(now.map((field) => [restNameOf(field), field])),
      }
    }
    return names
  }
}
