/** A page for one test of the widget: puts HTML into it, presses buttons, and asks the relay what came. */
import { inject } from 'vitest'
import type { FormSync } from '../../widget/form-sync.ts'
import '../../widget/index.ts'
import type { World } from '../../widget/globals.ts'
import type { Seen } from './widget-relay.ts'

const relay = inject('widgetRelay')

/** A form's address at the relay, which answers there as told (see widget-relay.ts) and remembers under a key of its own. */
export interface Place {
  action: string
  seen(): Promise<Seen[]>
  release(): Promise<unknown>
}

export function place(answers: string): Place {
  const key = crypto.randomUUID()
  return {
    action: `${relay}/f/${encodeURIComponent(answers).replaceAll('%2B', '+')}/${key}`,
    seen: async () => (await (await fetch(`${relay}/seen/${key}`)).json()) as Seen[],
    release: () => fetch(`${relay}/release/${key}`),
  }
}

export interface Scene {
  element: FormSync
  form: HTMLFormElement
  button: HTMLButtonElement
  /** What the element asked of the world instead of doing it. */
  waits: number[]
  visits: string[]
  /** Resolves once the element is in that state and shows it. */
  reaches(state: FormSync['state']): Promise<void>
  find(selector: string): HTMLElement
  /** The same, in the element's own tree. */
  inside(selector: string): HTMLElement | null
}

/** What stands in the form unless the test says otherwise. */
const FIELDS = '<label>E-mail <input name="Email" value="zoe@harbour.example"></label> <button>Send request</button>'

/** Replaces the page by `<form-sync>` with one form inside. Nothing in it waits: pauses are noted and over at once. */
export function show(where: Place, fields = FIELDS, attributes = '', beside = ''): Scene {
  document.body.innerHTML = `<main><form-sync ${attributes}><form method="post" action="${where.action}">${fields}</form>${beside}</form-sync></main>`
  return scene(document.body)
}

/** The first `<form-sync>` below `root`, with a world that does not wait. */
export function scene(root: ParentNode): Scene {
  const element = root.querySelector('form-sync')!
  const waits: number[] = []
  const visits: string[] = []
  const world: Partial<World> = {
    wait: async (milliseconds) => void waits.push(milliseconds),
    random: () => 0.5,
    navigate: (url) => void visits.push(url),
  }
  element.world = { ...element.world, ...world }
  return {
    element,
    form: element.querySelector('form')!,
    button: element.querySelector('button')!,
    waits,
    visits,
    async reaches(state) {
      await until(() => element.state === state, element)
      await element.updateComplete
    },
    find: (selector) => root.querySelector<HTMLElement>(selector)!,
    inside: (selector) => element.renderRoot.querySelector<HTMLElement>(selector),
  }
}

/** Resolves when `is` says so; it is asked again whenever an attribute of `element` changes. */
function until(is: () => boolean, element: Element): Promise<void> {
  return new Promise((done) => {
    const watch = new MutationObserver(check)
    watch.observe(element, { attributes: true })
    check()
    function check(): void {
      if (!is()) return
      watch.disconnect()
      done()
    }
  })
}

/** The next event of that type on `target`. */
export function next<Type extends keyof HTMLElementEventMap>(
  target: HTMLElement,
  type: Type,
): Promise<HTMLElementEventMap[Type]> {
  return new Promise((done) => target.addEventListener(type, done, { once: true }))
}

/** The fields of a form-encoded body. */
export function fieldsOf(request: Seen | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request?.body))
}
