/** Lets the templates of Svelte 5 know `<form-sync>`: `import 'form-sync/svelte'`. It holds types alone. */
import type { HTMLAttributes } from 'svelte/elements'
import type { FormSync } from '../form-sync.ts'
import type { FormSyncAttributes, FormSyncListeners } from './attributes.ts'

/** The element as a template sees it. */
type FormSyncProps = Omit<HTMLAttributes<FormSync>, keyof FormSyncAttributes> & FormSyncAttributes & FormSyncListeners

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'form-sync': FormSyncProps
  }
}
