/**
 * Puts the relay's field errors onto the page's own fields, and takes them away again.
 *
 * It adds a message beside the field and two ARIA attributes; what the page itself has there stays.
 */
import type { FieldProblem } from '../../relay/protocol.ts'

export interface FieldError {
  name: string
  message: string
  /** All of that name, in the form's order; none where the visitor can see none. */
  controls: HTMLInputElement[]
  /** The message on the page. */
  note: HTMLElement
  /** Its line in the list of errors, once there is one. */
  line?: HTMLElement
}

/** Makes the ids of messages differ in a page with several forms. */
let count = 0

/** In the form's order, those that belong to no visible field first. */
export function placeErrors(form: HTMLFormElement, problems: FieldProblem[]): FieldError[] {
  const visible = ([...form.elements] as HTMLInputElement[]).filter(({ type }) => type !== 'hidden')
  return problems
    .map(({ field, message }) => {
      const controls = visible.filter(({ name }) => name === field)
      return { name: field, message, controls, note: place(controls, message) }
    })
    .toSorted((a, b) => visible.indexOf(a.controls[0]!) - visible.indexOf(b.controls[0]!))
}

/** Takes the errors of the fields of that name off the page, or all of them; answers those that remain. */
export function clearErrors(errors: FieldError[], only?: string): FieldError[] {
  return errors.filter(({ name, controls, note, line }) => {
    if (only !== undefined && name !== only) return true
    for (const control of controls) {
      control.ariaInvalid = null
      describe(control, (ids) => ids.replace(note.id, ''))
    }
    note.remove()
    line?.remove()
    return false
  })
}

function place(controls: HTMLInputElement[], message: string): HTMLElement {
  const note = document.createElement('p')
  note.className = 'form-sync-error'
  note.id = `form-sync-${++count}-error`
  note.textContent = message
  for (const control of controls) {
    control.ariaInvalid = 'true'
    describe(control, (ids) => `${ids} ${note.id}`)
  }

  const last = controls.at(-1)
  const group = controls[1] && last?.closest('fieldset')
  if (group) group.append(note)
  else if (last) behind(last).after(note)
  return note
}

/** The control, or its label where that stands around it or after it, as it does with a checkbox. */
function behind(control: HTMLInputElement): HTMLElement {
  const after = Node.DOCUMENT_POSITION_CONTAINS | Node.DOCUMENT_POSITION_FOLLOWING
  return [...(control.labels ?? [])].find((label) => control.compareDocumentPosition(label) & after) ?? control
}

function describe(control: HTMLElement, change: (ids: string) => string): void {
  const ids = change(control.getAttribute('aria-describedby') ?? '').trim()
  if (ids) control.setAttribute('aria-describedby', ids)
  else control.removeAttribute('aria-describedby')
}
