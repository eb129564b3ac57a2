/** The rule `honeypot`: a field that the page hides from people is filled in. Pure. */
import type { Guard } from './guard.ts'

/** The guard. Spaces do not count, because a page may have them in the field from the start. */
export const honeypot: Guard = {
  rule: 'honeypot',
  examine: ({ submission }) =>
    submission.extras.get('_gotcha')?.trim() ? { reason: 'the hidden field _gotcha is filled in' } : undefined,
}
