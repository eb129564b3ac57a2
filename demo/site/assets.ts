/** Provides the style sheet and the icon, each at an address with a hash of its content; it serves nothing itself. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { curvePath } from './curve.ts'

export interface Asset {
  path: string
  type: string
  body: string
}

export const styleSheet = asset(
  'tidewater.css',
  'text/css; charset=utf-8',
  readFileSync(new URL('tidewater.css', import.meta.url), 'utf8'),
)

/** Shows half a day of the tide curve. */
export const icon = asset(
  'tidewater.svg',
  'image/svg+xml',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0f3350"/>
<svg x="4" y="7" width="24" height="18" viewBox="0 -6.2 13 6.4" preserveAspectRatio="none">
<path d="${curvePath({ from: 0, to: 13 })}" fill="none" stroke="#f6f1e4" stroke-width="3" stroke-linecap="round" vector-effect="non-scaling-stroke"/>
</svg></svg>
`,
)

function asset(name: string, type: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 8)
  return { path: `/${name.replace('.', `.${hash}.`)}`, type, body }
}
