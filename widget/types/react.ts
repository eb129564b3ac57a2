/** Lets React's JSX know `<form-sync>`: `import 'form-sync/react'`. It holds types alone. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { FormSync } from '../form-sync.ts'
import type { FormSyncAttributes, FormSyncListeners } from './attributes.ts'

/** The element as JSX sees it. */
type FormSyncProps = DetailedHTMLProps<HTMLAttributes<FormSync>, FormSync> & FormSyncAttributes & FormSyncListeners

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'form-sync': FormSyncProps
    }
  }
}
