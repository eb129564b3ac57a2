/**
 * Replaces parts of Hono in the Worker's bundle that the relay never calls: bodies read by Hono, mounted apps and replies
 * of HTML. If one of them is called all the same, it throws.
 */

function never(): never {
  throw new Error('Hono reached a part that is left out')
}

/** Export of `hono/utils/body`. The relay reads and limits bodies itself. */
export const parseBody = never

/** Export of `hono/utils/mount`. */
export const createMountedRequest = never

/** Exports of `hono/utils/html`. */
export const resolveCallback = never
export const HtmlEscapedCallbackPhase = {}

/** Export of `hono/http-exception`, which Hono throws when a body is read twice. */
export const HTTPException = Error
