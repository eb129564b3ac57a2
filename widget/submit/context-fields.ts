/**
 * What travels beside the form's own fields: where the visitor stands, and the Munchkin cookie.
 *
 * Read at submit time and not before: in a single-page site the address changes under a form that stays.
 */
import type { Extras } from '../../relay/protocol.ts'
import { hasOptedOut, visitorCookie } from '../visitor/munchkin.ts'

declare global {
  interface Window {
    /** Marketo's own script, where the page has it. */
    Munchkin?: { createTrackingCookie?: (force: boolean) => void }
  }
}

/** An empty value is one that is not there. */
export function readExtras(munchkinId: string | null): Extras {
  return {
    _visitor: readVisitor(munchkinId),
    _page: location.origin + location.pathname,
    _referrer: document.referrer,
    _query: location.search.slice(1),
  }
}

/** Adds what is not blank. A field that the page itself has under such a name keeps its value. */
export function addExtras(data: FormData, extras: Extras): void {
  for (const [name, value] of Object.entries(extras)) if (value && !data.has(name)) data.append(name, value)
}

function readVisitor(munchkinId: string | null): string {
  if (hasOptedOut(document.cookie)) return ''
  try {
    // A quick visitor submits before Munchkin has written its cookie; Marketo's own forms ask for it in the same way.
    window.Munchkin?.createTrackingCookie?.(true)
  } catch {
    // Another's script failed; a cookie of an earlier page may be there all the same.
  }
  return visitorCookie(document.cookie, location.hostname, munchkinId) ?? ''
}
