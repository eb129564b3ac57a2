/**
 * Uses an element of the page for a time: shows a text in it, or hides it. What it was stands in an attribute of the element
 * meanwhile, so that a copy of the page gets it back too: `cloneNode`, a snapshot of Turbo.
 */

/** Attribute with what the element was: the `display` of a form; of others `1` or `0` for hidden or not, and the text. */
const WAS = 'data-form-sync-was'

/** Matches messages of the widget at fields, and elements of the page that the widget uses. */
export const USED = `[${WAS}]`

/** Shows the text in an element of the page, or in one of the widget that is not on the page yet. */
export function showIn(place: HTMLElement, text: string): void {
  const was = place.isConnected ? `${+place.hidden}${place.textContent}` : ''
  if (!place.hasAttribute(WAS)) place.setAttribute(WAS, was)
  place.textContent = text
  place.hidden = false
}

/** Hides the form, whatever style the page gives it. */
export function hide(form: HTMLFormElement): void {
  form.setAttribute(WAS, form.style.display)
  form.style.display = 'none'
}

/** Makes the element what it was, if the widget has used it. Takes it away if it is the widget's own. */
export function giveBack(used: HTMLElement): void {
  const was = used.getAttribute(WAS)
  if (was === null) return
  used.removeAttribute(WAS)
  if (used.localName === 'form') used.style.display = was
  else if (was) {
    used.textContent = was.slice(1)
    used.hidden = was[0] === '1'
  } else used.remove()
}
