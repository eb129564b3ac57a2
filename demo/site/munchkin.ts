/**
 * The line that every Marketo customer's pages carry: load the Munchkin script without holding the page up, then say
 * whose visitors these are. It is the only script of the site itself.
 */
import { createHash } from 'node:crypto'
import type { Surroundings } from './page.ts'

/** The script's text, for an inline `<script>`. Nothing in it can end the element early. */
export function munchkinSnippet({ journeys, munchkinId }: Surroundings): string {
  return `{
  const script = document.createElement('script')
  script.src = ${literal(`${journeys}/munchkin.js`)}
  script.async = true
  script.onload = () => Munchkin.init(${literal(munchkinId)})
  document.head.append(script)
}`
}

/** How a Content-Security-Policy names an inline script: `'sha256-…'` (CSP 3, section 2.3.1). */
export function scriptHash(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}

function literal(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
