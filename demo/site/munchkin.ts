/**
 * Builds the inline script that a Marketo customer's pages contain: it loads Munchkin asynchronously and passes the
 * account's id; the site itself may have no other script.
 */
import { createHash } from 'node:crypto'
import type { SiteOptions } from './page.ts'

/** Returns the text for an inline `<script>`. It never contains `</script>`. */
export function munchkinSnippet({ journeys, munchkinId }: SiteOptions): string {
  return `{
  const script = document.createElement('script')
  script.src = ${literal(`${journeys}/munchkin.js`)}
  script.async = true
  script.onload = () => Munchkin.init(${literal(munchkinId)})
  document.head.append(script)
}`
}

/** Returns the hash source of an inline script for a Content-Security-Policy: `'sha256-…'` (CSP 3, section 2.3.1). */
export function scriptHash(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
