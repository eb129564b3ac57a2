/**
 * The element's own small tree around the page's form: what to correct, the form, what is going on, what went wrong.
 *
 * Four elements, built by hand, and filled whenever the state changes. The live regions stand there empty from the
 * start: a screen reader tells of changes only in those that it already knows.
 */
import { css } from 'lit'
import type { FieldError } from './error-summary.ts'
import type { Messages } from '../locales/en.ts'

export const styles = css`
  :host(:not([hidden])) {
    display: block;
  }
  ul {
    margin: 0.5em 0 0;
    padding-inline-start: 1.25em;
  }
  a {
    color: inherit;
  }
  [tabindex] {
    outline: none;
  }
  .aloud {
    position: absolute;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`

/** `summary` and `status` can take the focus. */
export interface View {
  readonly summary: HTMLElement
  readonly form: HTMLSlotElement
  readonly status: HTMLElement
  readonly failure: HTMLElement
}

/** What there is to see. */
interface Shown {
  words: Messages
  /** What is going on, for ears only: whoever looks reads it on the button. */
  said: string
  /** Thanks stand in place of the form. */
  thanked: boolean
  failed: boolean
  errors: FieldError[]
  retry: () => void
}

/** Appends the four to `root`. */
export function createView(root: ParentNode): View {
  const view: View = {
    summary: make('div', { role: 'alert', tabindex: '-1' }),
    form: make('slot', {}),
    status: make('div', { role: 'status', tabindex: '-1' }),
    failure: make('div', { role: 'alert' }),
  }
  root.append(view.summary, view.form, view.status, view.failure)
  return view
}

export function fillView(view: View, { words, said, thanked, failed, errors, retry }: Shown): void {
  view.summary.replaceChildren(...(errors[0] ? [listErrors(errors, words)] : []))
  view.form.hidden = thanked
  view.status.replaceChildren(thanked ? thanks(words) : make('span', { class: 'aloud' }, said))
  view.failure.replaceChildren(...(failed ? [offerRetry(words, retry)] : []))
}

/** Each error leads to its field. Its line is kept with it, to be taken off alone. */
function listErrors(errors: FieldError[], words: Messages): HTMLElement {
  const list = make('ul', {})
  for (const error of errors) {
    const { controls, message } = error
    error.line = make('li', {}, controls[0] ? linkTo(controls[0], message) : message)
    list.append(error.line)
  }
  return make('div', { part: 'summary' }, make('strong', {}, words.problem), list)
}

function linkTo(field: HTMLElement, message: string): HTMLElement {
  const link = make('a', { href: `#${field.id}` }, message)
  link.addEventListener('click', (event) => {
    event.preventDefault()
    field.focus()
  })
  return link
}

function thanks(words: Messages): HTMLElement {
  return make('slot', { name: 'sent' }, make('p', { part: 'thanks' }, words.thanks))
}

function offerRetry(words: Messages, retry: () => void): HTMLElement {
  const button = make('button', { part: 'retry', type: 'button' }, words.retry)
  button.addEventListener('click', retry)
  const message = make('slot', { name: 'failed' }, make('p', { part: 'message' }, words.failed))
  return make('div', { part: 'failed' }, message, button)
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const name in attributes) element.setAttribute(name, attributes[name]!)
  element.append(...children)
  return element
}
