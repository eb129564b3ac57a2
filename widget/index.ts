/** Registers `<form-sync>`: what a `<script type="module">` loads. */
import { FormSync } from './form-sync.ts'

export * from './events.ts'
export type { FailureReason } from './submit/send.ts'
export type { Messages } from './locales/en.ts'
export { FormSync }

// The script may stand on a page twice; a name can be defined only once.
if (!customElements.get('form-sync')) customElements.define('form-sync', FormSync)
