/**
 * Adds the relay's field errors to the page's own fields and removes them again; it neither moves nor replaces nodes of
 * the page.
 *
 * An error is a message beside the field and two ARIA attributes. The page's own description of the field stays.
 */
import type { FieldProblem } from '../../relay/protocol.ts'

export interface FieldError {
  name: string
  message: string
  /** Visible controls of that name, in the form's order. May be empty. */
  controls: HTMLInputElement[]
  /** The message beside the field. */
  note: HTMLElement
  /** The message in the error summary, once it is rendered. */
  item?: HTMLElement
}

/** Makes message ids unique on a page with several forms. */
let count = 0

/** Shows the errors. Returns them in the form's order; errors without a visible field come first. */
export function addFieldErrors(form: HTMLFormElement, problems: FieldProblem[]): FieldError[] {
  const visible = ([...form.elements] as HTMLInputElement[]).filter(({ type }) => type !== 'hidden')
  return problems
    .map(({ field, message }) => {
      const controls = visible.filter(({ name }) => name === field)
      return { name: field, message, controls, note: addNote(controls, message) }
    })
    .toSorted((a, b) => visible.indexOf(a.controls[0]!) - visible.indexOf(b.controls[0]!))
}

/** Removes the errors of the fields called `only`, or all errors, from the page and returns the remaining ones. */
export function removeFieldErrors(errors: FieldError[], only?: string): FieldError[] {
  return errors.filter(({ name, controls, note, item }) => {
    if (only !== undefined && name !== only) return true
    for (const control of controls) {
      control.ariaInvalid = null
      changeDescription(control, (ids) => ids.replace(note.id, ''))
    }
    note.remove()
    item?.remove()
    return false
  })
}

function addNote(controls: HTMLInputElement[], message: string): HTMLElement {
  const note = document.createElement('p')
  note.className = 'form-sync-error'
  note.id = `form-sync-${++count}-error`
  note.textContent = message
  for (const control of controls) {
    control.ariaInvalid = 'true'
    changeDescription(control, (ids) => `${ids} ${note.id}`)
  }

  const last = controls.at(-1)
  const group = controls[1] && last?.closest('fieldset')
  if (group) group.append(note)
  else if (last) controlOrLabel(last).after(note)
  return note
}

/** Returns the label if it surrounds or follows the control, as with a checkbox, otherwise the control. */
function controlOrLabel(control: HTMLInputElement): HTMLElement {
  const after = Node.DOCUMENT_POSITION_CONTAINS | Node.DOCUMENT_POSITION_FOLLOWING
  return [...(control.labels ?? [])].find((label) => control.compareDocumentPosition(label) & after) ?? control
}

function changeDescription(control: HTMLElement, change: (ids: string) => string): void {
  const ids = change(control.getAttribute('aria-describedby') ?? '').trim()
  if (ids) control.setAttribute('aria-describedby', ids)
  else control.removeAttribute('aria-describedby')
}
