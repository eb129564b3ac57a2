/** What the browser itself would post, and where. It reads the form and changes nothing. */

/** The button that was pressed, where it was one. */
export type Button = HTMLButtonElement | HTMLInputElement

/** What never leaves the page by us, whatever the form is for: files, passwords, payment cards. */
const KEPT_BACK =
  '[type=file],[type=password],[autocomplete*=password i],[autocomplete^=cc- i],[autocomplete*=" cc-" i]'

/**
 * The address that this form is posted to; `undefined` leaves the submit to the browser: another method than `post`,
 * another window, no address, or one that is not HTTP. The button's `form…` attributes win, as in HTML.
 *
 * @throws TypeError when the address cannot be read
 */
export function destination(form: HTMLFormElement, button: Button | null): string | undefined {
  // Attributes, not properties: a field named "action" or "method" hides the form's own property.
  const said = (name: string): string => button?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? ''
  if (said('method').toLowerCase() !== 'post' || !/^(_self)?$/i.test(said('target')) || !said('action'))
    return undefined
  const { href } = new URL(said('action'), document.baseURI)
  return href.startsWith('http') ? href : undefined
}

/** The form's fields as the browser would post them, with the pressed button, and without what is kept back. */
export function readFields(form: HTMLFormElement, button: Button | null): FormData {
  const data = new FormData(form, button)
  for (const field of form.elements) if (field.matches(KEPT_BACK)) data.delete((field as HTMLInputElement).name)
  return data
}

/** `application/x-www-form-urlencoded` to the byte as HTML writes it: line ends are CRLF. A file is left out. */
export function encode(data: FormData): URLSearchParams {
  const lines = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n')
  const body = new URLSearchParams()
  for (const [name, value] of data) if (typeof value === 'string') body.append(lines(name), lines(value))
  return body
}
