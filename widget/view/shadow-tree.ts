/**
 * Creates and updates the element's shadow tree: error summary, slot for the form, status, failure message; it holds no
 * state.
 *
 * The tree is built without templates. The live regions are in it from the start, empty, because a screen reader
 * announces changes only in regions that it already knows.
 */
import { type FieldError, isShown } from '../form/field-errors.ts'
import type { Messages } from '../locales/en.ts'
import { css } from './css.ts'

export const styles = css`
  :host(:not([hidden])) {
    display: block;
  }
  ul {
    margin: 0.5em 0;
    padding-inline-start: 1.25em;
  }
  a {
    color: inherit;
  }
  button {
    padding: 0.5em 1em;
    font: inherit;
  }
  [tabindex] {
    outline: none;
  }
`

/** `summary` and `status` are focusable. */
export interface ShadowTree {
  readonly summary: HTMLElement
  readonly form: HTMLSlotElement
  readonly status: HTMLElement
  readonly failure: HTMLElement
}

interface Content {
  messages: Messages
  /** Text below the form during and after the request. */
  status: string
  /** True if a message replaces the form. */
  thanks: boolean
  failed: boolean
  errors: FieldError[]
  retry: () => void
}

type Attribute = readonly [name: string, value: string]

const FOCUSABLE: Attribute = ['tabindex', '-1']

const part = (name: string): Attribute[] => [['part', name]]

export function createShadowTree(root: ParentNode): ShadowTree {
  const tree: ShadowTree = {
    summary: create('div', [['role', 'alert'], FOCUSABLE]),
    form: create('slot'),
    status: create('div', [['role', 'status'], FOCUSABLE]),
    failure: create('div', [['role', 'alert']]),
  }
  root.append(tree.summary, tree.form, tree.status, tree.failure)
  return tree
}

export function updateShadowTree(tree: ShadowTree, { messages, status, thanks, failed, errors, retry }: Content): void {
  tree.summary.replaceChildren(...(errors[0] ? [createSummary(errors, messages)] : []))
  tree.form.hidden = thanks
  tree.status.replaceChildren(thanks ? createThanks(messages) : status && create('p', part('status'), status))
  tree.failure.replaceChildren(...(failed ? [createFailure(messages, retry)] : []))
}

/** Creates the list of errors with links to the fields. Each error keeps its item, so that it can be removed alone. */
function createSummary(errors: FieldError[], messages: Messages): HTMLElement {
  const list = create('ul')
  for (const error of errors) {
    const { message } = error
    const [field] = error.controls
    error.item = create('li', [], field && isShown(field) ? createLink(field, message) : message)
    list.append(error.item)
  }
  return create('div', part('summary'), create('strong', [], messages.problem), list)
}

function createLink(field: HTMLElement, message: string): HTMLElement {
  const link = create('a', [['href', `#${field.id}`]], message)
  link.addEventListener('click', (event) => {
    event.preventDefault()
    field.focus()
  })
  return link
}

function createThanks(messages: Messages): HTMLElement {
  return create('slot', [['name', 'sent']], create('p', part('thanks'), messages.thanks))
}

function createFailure(messages: Messages, retry: () => void): HTMLElement {
  const button = create('button', [...part('retry'), ['type', 'button']], messages.retry)
  // The page may have a button of its own, with its classes.
  const slot = create('slot', [['name', 'retry']], button)
  slot.addEventListener('click', retry)
  const message = create('slot', [['name', 'failed']], create('p', part('message'), messages.failed))
  return create('div', part('failed'), message, slot)
}

/** @param attributes pairs, because a loop over an object's names also finds those that a page adds to all objects */
function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: readonly Attribute[] = [],
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of attributes) element.setAttribute(name, value)
  element.append(...children)
  return element
}
