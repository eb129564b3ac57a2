/**
 * Finds out from which page a form was posted, and whether the form allows the origin of that page.
 *
 * This is a filter, not a proof: only browsers report the origin truthfully. A request that names no page comes from a
 * program and passes, but nothing that only a page can know counts for it.
 */
import type { Form } from '../config/forms.ts'
import { isListed } from '../intake/listed-origin.ts'

type HeaderFields = Readonly<Record<string, string>>

/** Whether a request is admitted, and the CORS headers of the reply, with which the page can read it in any case. */
type Admission =
  /** `page` is the origin of the page, which the form lists; undefined where the request names none. */
  { ok: true; headers: HeaderFields; page: string | undefined } | { ok: false; headers: HeaderFields; page?: undefined }

export interface OriginGuard {
  /** @param form the form that is posted; undefined where there is none of its name, and no page is admitted */
  admit(form: Form | undefined, headers: Headers): Admission
}

const NO_ORIGIN_HEADERS: HeaderFields = { vary: 'origin' }

/** Creates the guard. It builds the headers of each origin once: one object per request would dominate the cost. */
export function createOriginGuard(forms: Iterable<Form>): OriginGuard {
  const known = new Map<string, HeaderFields>()
  for (const { origins } of forms) for (const origin of origins) known.set(origin, corsHeaders(origin))
  return {
    admit(form, headers) {
      const origin = headers.get('origin')
      const cors = origin === null ? NO_ORIGIN_HEADERS : (known.get(origin) ?? corsHeaders(origin))
      const page = origin ?? refererOf(headers)
      if (!form) return { ok: false, headers: cors }
      // A browser that hides the page still says that it is not on this site.
      if (page === undefined) {
        const isForeign = headers.get('sec-fetch-site') === 'cross-site'
        return isForeign ? { ok: false, headers: cors } : { ok: true, headers: cors, page }
      }
      return isListed(form.origins, page) ? { ok: true, headers: cors, page } : { ok: false, headers: cors }
    },
  }
}

function corsHeaders(origin: string): HeaderFields {
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'location, retry-after',
  }
}

/** Returns the origin of the page that a browser without `Origin` names. */
function refererOf(headers: Headers): string | undefined {
  const referer = headers.get('referer')
  return referer !== null && URL.canParse(referer) ? new URL(referer).origin : undefined
}
