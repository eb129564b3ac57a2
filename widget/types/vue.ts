/**
 * Lets the templates of Vue know `<form-sync>`: `import 'form-sync/vue'`. It holds types alone. Vue's compiler must also be told
 * that the name is that of an element: `isCustomElement: (tag) => tag === 'form-sync'`.
 */
import type { HTMLAttributes, PublicProps } from 'vue'
import type { FormSync } from '../form-sync.ts'
import type { CamelListeners, FormSyncAttributes } from './attributes.ts'

/** The element as a template sees it. */
type FormSyncElement = new () => FormSync & {
  $props: HTMLAttributes & PublicProps & FormSyncAttributes & CamelListeners
}

declare module 'vue' {
  interface GlobalComponents {
    'form-sync': FormSyncElement
  }
}
