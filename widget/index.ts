/** Registers `<form-sync>` and exports the public API; this is the module that a page loads. */
import { runCalls } from './calls.ts'
import { FormSync } from './form-sync.ts'

export * from './events.ts'
export type { Values } from './form/values.ts'
export type { Answer as ConsentAnswer, ConsentSetting } from './consent/answer.ts'
export type { FailureReason } from './submit/send.ts'
export type { Messages } from './locales/en.ts'
export { FormSync }

// A page may load the script twice, but a name can be defined only once.
if (!customElements.get('form-sync')) customElements.define('form-sync', FormSync)
runCalls()
