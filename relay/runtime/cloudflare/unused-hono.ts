/**
 * Takes the place of parts of Hono in the Worker, by aliases in `wrangler.jsonc`: mounted apps, bodies and queries that
 * Hono parses, and `c.html`. The relay uses none of them; a call would throw.
 */
export { getPath, getPathNoStrict, mergePath, tryDecodeURIComponent } from 'hono/utils/url'

function unused(): never {
  throw new Error('a part of Hono that is left out')
}

/** Exports of `hono/utils/mount`, `hono/utils/body`, `hono/utils/html` and `hono/utils/url`. */
export {
  unused as createMountedRequest,
  unused as parseBody,
  unused as resolveCallback,
  unused as getQueryParam,
  unused as getQueryParams,
}

/** Export of `hono/utils/html`. */
export const HtmlEscapedCallbackPhase = {}
