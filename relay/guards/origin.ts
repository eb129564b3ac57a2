/**
 * May a page of this origin post to this form?
 *
 * A filter, not a proof: only browsers tell the truth about the page. A request without `Origin` comes from no page
 * and passes. The headers of each origin are built once, for a header object a request costs more than all the rest.
 */
import type { Form } from '../config/forms.ts'

export interface OriginGuard {
  /** The CORS headers of an answer, or undefined for a page of another origin. */
  admit(form: Form, origin: string | null): Readonly<Record<string, string>> | undefined
}

const NO_ORIGIN: Readonly<Record<string, string>> = { vary: 'origin' }

/** Makes the guard for these forms. */
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
      if (origin === null) return NO_ORIGIN
      return form.origins.has(origin) ? headers.get(origin) : undefined
    },
  }
}
