/** Renders a form for one test of the widget and reads the requests that the test relay received. */
import { inject } from 'vitest'
import type { FormSync } from '../../widget/form-sync.ts'
import type { Globals } from '../../widget/globals.ts'
import '../../widget/index.ts'
import type { ReceivedRequest } from './widget-relay.ts'

const relay = inject('widgetRelay')

/** An address of the test relay with responses and a request log of its own. */
export interface FakeRelay {
  action: string
  requests(): Promise<ReceivedRequest[]>
  /** Returns the requests for a ticket. */
  ticketRequests(): Promise<ReceivedRequest[]>
  /** Sends the response that `held` holds back. */
  release(): Promise<unknown>
  /** Sends the ticket that `held` holds back. */
  releaseTicket(): Promise<unknown>
}

/**
 * Returns a new address of the test relay.
 *
 * @param responses joined by `+`, see widget-relay.ts
 * @param tickets likewise, for a form that has tickets
 */
export function fakeRelay(responses: string, tickets?: string): FakeRelay {
  const key = crypto.randomUUID()
  return {
    action: `${relay}/f/${encodeURIComponent(responses).replaceAll('%2B', '+')}${tickets ? `/${tickets}` : ''}/${key}`,
    requests: () => requestsTo(key),
    ticketRequests: () => requestsTo(`${key}-ticket`),
    release: () => fetch(`${relay}/release/${key}`),
    releaseTicket: () => fetch(`${relay}/release/${key}-ticket`),
  }
}

async function requestsTo(key: string): Promise<ReceivedRequest[]> {
  return (await (await fetch(`${relay}/requests/${key}`)).json()) as ReceivedRequest[]
}

export interface RenderedForm {
  element: FormSync
  form: HTMLFormElement
  button: HTMLButtonElement
  /** Requested pauses, in ms. None of them takes time. */
  pauses: number[]
  /** Requested navigations. None of them takes place. */
  navigations: string[]
  /** Resolves when the element has reached and rendered the state. */
  waitForState(state: FormSync['state']): Promise<void>
  find(selector: string): HTMLElement
  findInShadow(selector: string): HTMLElement | null
}

/** Default content of the form. */
const FIELDS = '<label>E-mail <input name="Email" value="zoe@harbour.example"></label> <button>Send request</button>'

/** Replaces the page's content by a `<form-sync>` with one form, which has neither pauses nor navigations. */
export function renderForm({ action }: FakeRelay, fields = FIELDS, attributes = '', beside = ''): RenderedForm {
  document.body.innerHTML = `<main><form-sync ${attributes}><form method="post" action="${action}">${fields}</form>${beside}</form-sync></main>`
  return formIn(document.body)
}

/** Returns the first `<form-sync>` in `root`, without pauses and navigations. */
export function formIn(root: ParentNode): RenderedForm {
  const element = root.querySelector('form-sync')!
  const pauses: number[] = []
  const navigations: string[] = []
  const replaced: Partial<Globals> = {
    wait: async (milliseconds) => void pauses.push(milliseconds),
    random: () => 0.5,
    navigate: (url) => void navigations.push(url),
  }
  element.globals = { ...element.globals, ...replaced }
  return {
    element,
    form: element.querySelector('form')!,
    button: element.querySelector('button')!,
    pauses,
    navigations,
    async waitForState(state) {
      await attributeChange(element, () => element.state === state)
      await element.updateComplete
    },
    find: (selector) => root.querySelector<HTMLElement>(selector)!,
    findInShadow: (selector) => element.renderRoot.querySelector<HTMLElement>(selector),
  }
}

/** Resolves when `condition` is true, which it checks at once and after each change of an attribute of `element`. */
function attributeChange(element: Element, condition: () => boolean): Promise<void> {
  return new Promise((done) => {
    const observer = new MutationObserver(check)
    observer.observe(element, { attributes: true })
    check()
    function check(): void {
      if (!condition()) return
      observer.disconnect()
      done()
    }
  })
}

/** Resolves with the next event of the type on `target`. */
export function nextEvent<Type extends keyof HTMLElementEventMap>(
  target: HTMLElement,
  type: Type,
): Promise<HTMLElementEventMap[Type]> {
  return new Promise((done) => target.addEventListener(type, done, { once: true }))
}

/** Returns the fields of a form-encoded body. */
export function fieldsOf(request: ReceivedRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request?.body))
}

/**
 * Runs `submit` and returns true if the submit event is left to the browser when all listeners have run. It then cancels
 * the event, so that the test page does not navigate.
 */
export function isLeftToBrowser(submit: () => void): Promise<boolean> {
  return new Promise((done) => {
    const stopSubmit = (event: Event): void => {
      done(!event.defaultPrevented)
      event.preventDefault()
    }
    // The element has added its listener by now, so that this one is the last.
    const addLast = (): void => addEventListener('submit', stopSubmit, { once: true })
    document.addEventListener('submit', addLast, { once: true })
    submit()
  })
}
