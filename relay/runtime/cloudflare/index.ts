/**
 * The entry `form-sync/relay/cloudflare`: the relay as a Worker of your own, which wrangler bundles with your forms.
 *
 * @example
 * ```js
 * import { createWorker } from 'form-sync/relay/cloudflare'
 * import forms from './forms.json'
 *
 * export { LeadOutbox } from 'form-sync/relay/cloudflare'
 * export default createWorker(forms)
 * ```
 */
import type { Env } from './bindings.ts'
import { setForms } from './given-forms.ts'
import worker from './worker.ts'

export type { Env }
/** Class of the Durable Object that stores and delivers the leads. Export it from the Worker under this name. */
export { LeadOutbox } from './worker.ts'

/**
 * Creates the Worker.
 *
 * @param forms content of the forms file. Requests are answered with 503, and the log says why, where it is wrong
 */
export function createWorker(forms: object): Required<Pick<ExportedHandler<Env>, 'fetch' | 'scheduled'>> {
  setForms(forms)
  return worker
}
