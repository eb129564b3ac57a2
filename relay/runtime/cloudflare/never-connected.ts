/**
 * Takes the place of `relay/marketo/never-connected.ts` in the Worker, by an alias in `vite.config.ts`: no error of
 * workerd's `fetch` proves that nothing was sent, so the codes of Node would only make the Worker larger.
 */

/** A message that no error of workerd has. */
export const BAD_PORT = 'bad port'

/** Returns false: a call that failed in workerd may always have been sent. */
export function neverConnected(_error: unknown): boolean {
  return false
}
