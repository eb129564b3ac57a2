/** Reads Global Privacy Control, the objection that a browser sends for its visitor to every site. */
import type { Tool } from './answer.ts'

declare global {
  interface Navigator {
    readonly globalPrivacyControl?: boolean
  }
}

export const gpc: Tool = {
  label: 'Global Privacy Control',
  categories: [],
  // A browser without it makes no objection.
  isPresent: () => true,
  follow: () => () =>
    navigator.globalPrivacyControl === true
      ? { decision: 'denied', detail: 'globalPrivacyControl=true' }
      : { decision: 'not-required' },
}
