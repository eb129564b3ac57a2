/** The settings that link a form of ours with Marketo: the Marketo form to submit, and the attribute for our id. */
import type { Form } from '../config/forms.ts'

export interface MarketoLink {
  /** Id of the Marketo form. */
  marketoForm?: number
  /** Attribute that gets the id of the lead. */
  receipt?: string
}

/** Returns the link of a form; empty if it has none. */
export function linkOf(form: Form): MarketoLink {
  const { marketoForm, receipt } = form as Form & { marketoForm?: unknown; receipt?: unknown }
  return {
    ...(typeof marketoForm === 'number' && { marketoForm }),
    ...(typeof receipt === 'string' && { receipt }),
  }
}
