/**
 * Checks that a form is posted from a page of one of its origins, and builds the CORS headers of the reply.
 *
 * This is a filter, not a proof: only browsers report the origin truthfully. A request without `Origin` comes
 * from a program, not from a page, and passes.
 */
import type { Form } from '../config/forms.ts'

export interface OriginGuard {
  /** Returns the CORS headers of the reply, or undefined if the origin is not allowed. */
  admit(form: Form, origin: string | null): Readonly<Record<string, string>> | undefined
}

const NO_ORIGIN_HEADERS: Readonly<Record<string, string>> = { vary: 'origin' }

/** Creates the guard. It builds the headers of each origin once: one object per request would dominate the cost. */
export function createOriginGuard(forms: Iterable<Form>): OriginGuard {
  const headers = new Map<string, Readonly<Record<string, string>>>()
  for (const form of forms) {
    for (const origin of form.origins) {
      headers.set(origin, {
        vary: 'origin',
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'location, retry-after',
      })
    }
  }
  return {
    admit(form, origin) {
      if (origin === null) return NO_ORIGIN_HEADERS
      return form.origins.has(origin) ? headers.get(origin) : undefined
    },
  }
}
