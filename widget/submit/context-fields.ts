/**
 * Reads the fields that are sent beside the form's own: the page's address and the visitor's cookie; it stores nothing.
 *
 * Call it at submit time: in a single-page application the address changes while the form stays.
 */
import type { Extras } from '../../relay/protocol.ts'
import { readVisitor } from '../visitor/munchkin.ts'

/**
 * Returns the context fields. An empty value means that there is none.
 *
 * @param munchkinId the preferred account, see `visitorCookie`
 */
export function readContextFields(munchkinId: string | null): Extras {
  return {
    _visitor: readVisitor(munchkinId),
    _page: location.origin + location.pathname,
    _referrer: document.referrer,
    _query: location.search.slice(1),
  }
}

/** Adds the fields that have a value. Fields of the same name that the page has set keep their value. */
export function addContextFields(
  data: FormData | URLSearchParams,
  fields: { [Name in keyof Extras]?: string | undefined },
): void {
  for (const [name, value] of Object.entries(fields)) if (value && !data.has(name)) data.append(name, value)
}
