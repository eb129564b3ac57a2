/**
 * Takes the place of parts of Hono in the Worker, by aliases in `wrangler.jsonc`: mounted apps, bodies that Hono
 * parses, and `c.html`. The relay uses none of them.
 */

function unused(): never {
  throw new Error('a part of Hono that is left out')
}

export { unused as createMountedRequest, unused as parseBody, unused as resolveCallback }

export const HtmlEscapedCallbackPhase = {}
