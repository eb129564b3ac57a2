/**
 * Finds the form of `for`, which is not inside the element, and gives it to the element: now, when it is inserted later, and
 * again when the page replaces it. The widget loads this file on demand. It changes nothing on the page.
 */
import type { Globals } from '../globals.ts'

/** How long the form may be missing before the developer is told, in ms. */
const MISSING_MS = 5000

interface Host extends HTMLElement {
  globals: Globals
  form: HTMLFormElement | null
  takeForm(form: HTMLFormElement | undefined): void
}

const watched = new WeakSet<Host>()

/** Attaches the element to its form until the element leaves the page. */
export function attach(host: Host): void {
  if (watched.has(host)) return
  watched.add(host)
  let form: HTMLFormElement | undefined
  const seen = new Set<Node>()
  const observer = new MutationObserver(look)
  look()
  void tellIfMissing(host)

  function look(): void {
    if (!host.isConnected) {
      observer.disconnect()
      watched.delete(host)
      host.takeForm(undefined)
      return
    }
    if (form?.isConnected) return
    const roots = openRoots(host)
    for (const root of roots) {
      if (seen.has(root)) continue
      seen.add(root)
      observer.observe(root, { childList: true, subtree: true, attributeFilter: ['id'] })
    }
    const found = find(roots, host.getAttribute('for')!)
    if (found === form) return
    form = found
    host.takeForm(form)
  }
}

/** Returns the element's own tree first, then the document and all open shadow trees in it. */
function openRoots(host: Host): ParentNode[] {
  const roots = new Set<ParentNode>([host.getRootNode() as unknown as ParentNode, document])
  for (const root of roots) {
    for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.add(shadowRoot)
  }
  return [...roots]
}

/** Returns the form that the text names by its id or by a selector, which may also fit an element around the form. */
function find(roots: ParentNode[], text: string): HTMLFormElement | undefined {
  for (const selector of [`#${CSS.escape(text)}`, text]) {
    for (const root of roots) {
      const found = query(root, selector)
      const form = found?.matches('form') ? found : found?.querySelector('form')
      if (form) return form
    }
  }
  return undefined
}

function query(root: ParentNode, selector: string): Element | null {
  try {
    return root.querySelector(selector)
  } catch {
    return null // An id that is no selector.
  }
}

async function tellIfMissing(host: Host): Promise<void> {
  await host.globals.wait(MISSING_MS)
  if (host.form || !host.isConnected) return
  const text = `There is no form for="${host.getAttribute('for')}". Give the id of a form on this page, or a selector.`
  // oxlint-disable-next-line no-console -- the console is where a developer looks
  console.warn(`form-sync: ${text}`, host)
}
