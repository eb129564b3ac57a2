/**
 * Adds errors to the page's own fields and removes them again; it neither moves nor replaces nodes of the page.
 *
 * An error is a message beside the field and two ARIA attributes. What the page has in these attributes comes back.
 */
import type { FieldProblem } from '../../relay/protocol.ts'
import { giveBack, showIn, USED } from '../view/own-place.ts'
import { namedIn } from './fields.ts'
import { anchorOf } from './note-place.ts'

export interface FieldError {
  name: string
  message: string
  /** Visible controls of that name, in the form's order. May be empty. */
  controls: HTMLInputElement[]
  /** Takes the message beside the field away, and puts the attributes back. */
  undo: () => void
  /** The message in the error summary, once it is rendered. */
  item?: HTMLElement
}

/** Returns whether the control has a place on the page. One behind a custom select has none, or cannot be reached by Tab. */
export const isShown = (control: Element): boolean =>
  !!control.getClientRects()[0] && !control.matches('[tabindex="-1"]')

/** Returns what is wrong with a control that the browser has found invalid, beginning with its label. */
export function browserProblem(control: HTMLInputElement): Problem {
  const label = control.labels?.[0]?.innerText || control.name
  return { field: control.name, message: `${label.trim()}: ${control.validationMessage}` }
}

type Problem = Pick<FieldProblem, 'field' | 'message'>

/** Makes message ids unique on a page with several forms. */
let count = 0

/** Shows the errors. Returns them in the form's order; errors without a visible field come first. */
export function addFieldErrors(form: HTMLFormElement, problems: Problem[]): FieldError[] {
  const visible = namedIn(form).filter(({ type }) => type !== 'hidden')
  return problems
    .map(({ field, message }) => {
      const controls = visible.filter(({ name }) => name === field)
      return { name: field, message, controls, undo: addNote(form, field, controls, message) }
    })
    .toSorted((a, b) => visible.indexOf(a.controls[0]!) - visible.indexOf(b.controls[0]!))
}

/** Removes the errors of the fields called `only`, or all errors, from the page and returns the remaining ones. */
export function removeFieldErrors(errors: FieldError[], only?: string): FieldError[] {
  return errors.filter(({ name, undo, item }) => {
    if (only !== undefined && name !== only) return true
    undo()
    item?.remove()
    return false
  })
}

/**
 * Removes messages that a copy of the page has kept from another element's life: `cloneNode`, a snapshot of Turbo. A reference
 * to a message that is gone describes nothing, and stays.
 */
export function removeOldErrors(root: Element): void {
  for (const note of root.querySelectorAll<HTMLElement>(USED)) {
    for (const control of root.querySelectorAll(`[aria-describedby~="${note.id}"]`))
      control.removeAttribute('aria-invalid')
    giveBack(note)
  }
}

/** Adds the message, at the place that the page has for it or after the field. Returns what undoes it. */
function addNote(form: HTMLFormElement, name: string, controls: HTMLInputElement[], message: string): () => void {
  const place = ownPlace(form, name)
  const note = place ?? document.createElement('p')
  if (!place) note.className = 'form-sync-error'
  note.id ||= `form-sync-${++count}-error`
  showIn(note, message)
  const undo = controls.flatMap((control) => {
    const ids = `${control.getAttribute('aria-describedby') ?? ''} ${note.id}`
    return [override(control, 'aria-invalid', 'true'), override(control, 'aria-describedby', ids.trim())]
  })

  const last = controls.at(-1)
  const group = controls[1] && last?.closest('fieldset')
  undo.push(() => giveBack(note))
  if (!place && group) group.append(note)
  else if (!place && last) anchorOf(last).after(note)
  return () => {
    for (const each of undo) each()
  }
}

/** Returns the element that the page has for the messages of a field: in the form, around it, or elsewhere on the page. */
function ownPlace(form: HTMLFormElement, name: string): HTMLElement | null {
  const selector = `[data-form-sync-error="${CSS.escape(name)}"]`
  const around = form.closest('form-sync') ?? (form.getRootNode() as Document)
  return form.querySelector<HTMLElement>(selector) ?? around.querySelector<HTMLElement>(selector)
}

/** Sets an attribute. Returns what puts back its value, unless the page has set another one meanwhile. */
function override(control: Element, name: string, value: string): () => unknown {
  const before = control.getAttribute(name)
  control.setAttribute(name, value)
  return () => {
    if (control.getAttribute(name) !== value) return
    if (before === null) control.removeAttribute(name)
    else control.setAttribute(name, before)
  }
}
