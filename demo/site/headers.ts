/** What every answer of the site says about itself: where its parts may come from, and how they may be kept. */
import { scriptHash } from './munchkin.ts'
import type { Surroundings } from './page.ts'

/** Years are safe: the name of the asset changes with its content. */
export const FOREVER = 'public, max-age=31536000, immutable'

/** Kept, but asked about each time; the answer is 304 while the ETag holds. */
export const ASK = 'no-cache'

/**
 * Headers of every answer.
 *
 * @param snippet the one inline script, allowed by its hash
 */
export function siteHeaders({ relay, journeys }: Surroundings, snippet: string): Record<string, string> {
  const others = `${new URL(relay).origin} ${new URL(journeys).origin}`
  const policy = [
    `default-src 'none'`,
    `script-src 'self' ${others} ${scriptHash(snippet)}`,
    `style-src 'self'`,
    `connect-src 'self' ${others}`,
    `img-src 'self' ${others}`,
    // Browsers follow a form's redirect under the same rule: from the relay it leads back here, to the thanks page.
    `form-action 'self' ${new URL(relay).origin}`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ]
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  }
}
