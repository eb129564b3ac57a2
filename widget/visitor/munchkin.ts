/** Reads the visitor's Munchkin cookie from the page, creating it if possible; it never does so after an opt-out. */
import { hasOptedOut, visitorCookie } from './munchkin-cookie.ts'

declare global {
  interface Window {
    /** Marketo's own script, if the page has loaded it. */
    Munchkin?: { createTrackingCookie?: (force: boolean) => void }
  }
}

/**
 * Returns the cookie's value, or an empty string if there is none or the visitor has opted out.
 *
 * @param munchkinId the preferred account, see `visitorCookie`
 */
export function readVisitor(munchkinId: string | null): string {
  if (hasOptedOut(document.cookie)) return ''
  try {
    // A visitor may submit before Munchkin has written its cookie. Marketo's own forms ask for it in the same way.
    window.Munchkin?.createTrackingCookie?.(true)
  } catch {
    // Marketo's script failed. A cookie of an earlier page may exist all the same.
  }
  return visitorCookie(document.cookie, location.hostname, munchkinId) ?? ''
}
