/**
 * Shows on the page what the element of a developer does: its state, and what it would send now; and lets each post ask for the
 * names of fields that the relay does not know. The widget loads this file on demand, for the attribute `debug`. It sends nothing
 * itself, and shows no value of a field that is never sent.
 */
import type { Accepted } from '../../relay/protocol.ts'
import type { Globals } from '../globals.ts'

interface Host extends HTMLElement {
  state: string
  globals: Globals
  form: HTMLFormElement | null
  renderRoot: ParentNode
  values(): Record<string, string | string[]>
}

/** Events after which there may be something else to show. */
const EVENTS = ['input', 'change', 'reset', 'form-sync-sending', 'form-sync-sent', 'form-sync-failed']

const boxes = new WeakMap<Host, HTMLElement>()

/** Shows the element's state below its messages, and keeps it up to date. */
export function show(host: Host): void {
  if (!boxes.has(host)) {
    boxes.set(host, createBox(host))
    askForUnknown(host)
    for (const type of EVENTS) {
      // When the form has taken the event: a reset has not cleared the fields yet.
      addEventListener(type, ({ target }) => void (concerns(host, target) && queueMicrotask(() => fill(host))))
    }
  }
  fill(host)
}

/** Lets each post ask which of its fields the relay does not know, and reads that from the reply. */
function askForUnknown(host: Host): void {
  host.addEventListener('form-sync-sending', ({ data }) => data.set('_debug', 'true'))
  const { globals } = host
  host.globals = {
    ...globals,
    async fetch(...request) {
      const response = await globals.fetch(...request)
      // The element reads the reply itself, and must not wait for this.
      response
        .clone()
        .json()
        .then(warnOfUnknown, () => {})
      return response
    },
  }
}

const told = new Set<string>()

function warnOfUnknown({ unknown = [] }: Partial<Accepted>): void {
  for (const name of unknown) {
    if (told.has(name)) continue
    told.add(name)
    const advice = 'Correct its name, or add it to "fields" of the form in the forms file.'
    // oxlint-disable-next-line no-console -- the console is where a developer looks
    console.warn(`form-sync: The relay does not know the field "${name}", and has left it out. ${advice}`)
  }
}

function concerns(host: Host, target: EventTarget | null): boolean {
  return target === host || !!host.form?.contains(target as Node)
}

function createBox(host: Host): HTMLElement {
  const box = document.createElement('pre')
  box.setAttribute('part', 'debug')
  // Screen readers would read it with each change, as a part of the form.
  box.setAttribute('aria-hidden', 'true')
  box.style.cssText = 'border: 1px dashed; padding: 8px; font: 12px/1.4 monospace; white-space: pre-wrap'
  host.renderRoot.append(box)
  return box
}

function fill(host: Host): void {
  boxes.get(host)!.textContent = lines(host).join('\n')
}

function lines(host: Host): string[] {
  const { form, state } = host
  if (!form) return [`state: ${state}`, 'no form']
  const own = host.values()
  // This dispatches the event by which the element adds its own fields.
  const all = new FormData(form)
  const names = [...new Set(all.keys())]
  const added = names.filter((name) => !(name in own) && name.startsWith('_'))
  const held = names.filter((name) => !(name in own) && !name.startsWith('_'))
  return [
    `state: ${state}`,
    `to: ${new URL((host.getAttribute('also') || form.getAttribute('action')) ?? '', document.baseURI).href}`,
    ...Object.entries(own).flatMap(([name, values]) => [values].flat().map((value) => `${name} = ${value}`)),
    ...added.flatMap((name) => all.getAll(name).map((value) => `${name} = ${typeof value === 'string' ? value : ''}`)),
    ...held.map((name) => `${name} is never sent`),
  ]
}
