/** Reads the visitor's Munchkin cookies from the page, creating one if possible; it never does so after an opt-out. */
import type { Globals } from '../globals.ts'
import { hasOptedOut, visitorCookies } from './munchkin-cookie.ts'

/** Longest wait for a Munchkin that is loading, in ms. */
const MAX_WAIT_MS = 300
const STEP_MS = 50

declare global {
  interface Window {
    /** Marketo's own script, if the page has loaded it. */
    Munchkin?: { createTrackingCookie?: (force: boolean) => void }
  }
}

/**
 * Returns the cookies, the most likely one first; none if the visitor has opted out.
 *
 * @param munchkinId the preferred account, see `visitorCookies`
 */
export function readVisitors(munchkinId: string | null): string[] {
  if (hasOptedOut(document.cookie)) return []
  try {
    // A visitor may submit before Munchkin has written its cookie. Marketo's own forms ask for it in the same way.
    window.Munchkin?.createTrackingCookie?.(true)
  } catch {
    // Marketo's script failed. A cookie of an earlier page may exist all the same.
  }
  return visitorCookies(document.cookie, location.hostname, munchkinId)
}

/** Returns whether the page has Munchkin's script, and the visitor has not opted out. */
export function hasMunchkin(): boolean {
  return !!document.querySelector('script[src*=munchkin]') && !hasOptedOut(document.cookie)
}

/** Waits a moment for the cookies of a Munchkin that is loading. */
export async function awaitVisitors(munchkinId: string | null, { wait }: Globals): Promise<string[]> {
  let found: string[] = []
  for (let waited = 0; !found[0] && waited < MAX_WAIT_MS; waited += STEP_MS) {
    await wait(STEP_MS)
    found = readVisitors(munchkinId)
  }
  return found
}
