/**
 * Reads the fields that are sent beside the form's own: the page's address and the visitor's cookies; it stores nothing.
 *
 * Call it at submit time: in a single-page application the address changes while the form stays.
 */
import type { Extras } from '../../relay/protocol.ts'
import { readVisitors } from '../visitor/munchkin.ts'

type ContextFields = { [Name in keyof Extras]?: string | string[] | undefined }

/** Returns the address of the page. */
export function readPage(): string {
  return location.origin + location.pathname
}

/**
 * Returns the fields by which the visitor is recognised, and how they came. An empty value means that there is none.
 *
 * @param munchkinId the preferred account, see `visitorCookies`
 */
export function readVisit(munchkinId: string | null): ContextFields {
  return {
    _visitor: readVisitors(munchkinId),
    _referrer: document.referrer,
    _query: location.search.slice(1),
  }
}

/** Matches a value of a field `_consent` that is no agreement, as for the relay. */
const REFUSED = /^\s*(denied|false|no|off|0)\s*$/i

/** Returns whether the post says that the visitor must not be recognised. */
export const isRefused = (data: FormData): boolean => REFUSED.test(data.getAll('_consent').at(-1) as string)

/** Returns the post without what the visitor would be recognised by, if it says that they must not be. */
export function takeRefused(data: FormData): FormData {
  if (isRefused(data)) for (const name of ['_visitor', '_referrer', '_query']) data.delete(name)
  return data
}

/** Adds the fields that have a value. Fields of the same name that the page has set keep their value. */
export function addContextFields(data: FormData, fields: ContextFields): void {
  for (const [name, values] of Object.entries(fields)) {
    if (!data.has(name)) for (const value of [values].flat()) if (value) data.append(name, value)
  }
}
