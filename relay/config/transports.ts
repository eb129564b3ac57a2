/**
 * The transports that this build has. On Node it has both. A Worker may be built with one alone, which makes it smaller:
 * `vite.config.ts` then replaces this file.
 */

export const HAS_SOAP: boolean = true
export const HAS_REST: boolean = true
