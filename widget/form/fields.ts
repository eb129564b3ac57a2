/** Reads from a form what the browser itself would post, and to which address; it never changes the form. */

/** A submit button. */
export type Button = HTMLButtonElement | HTMLInputElement

/** Selects the fields that are never sent, whatever the form is for: files, passwords, payment cards. */
const EXCLUDED_FIELDS =
  '[type=file],[type=password],[autocomplete*=password i],[autocomplete^=cc- i],[autocomplete*=" cc-" i]'

/**
 * Returns the absolute address that the form is posted to, or `undefined` if the submit is left to the browser: for a
 * method other than `post`, another window, no address, or one that is not HTTP. The button's `form…` attributes take
 * precedence, as in HTML.
 *
 * @throws TypeError if the address is not a valid URL
 */
export function destination(form: HTMLFormElement, button: Button | null): string | undefined {
  // Attributes, not properties: a field named "action" or "method" hides the form's own property.
  const attribute = (name: string): string => button?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? ''
  if (attribute('method').toLowerCase() !== 'post' || !/^(_self)?$/i.test(attribute('target')) || !attribute('action'))
    return undefined
  const { href } = new URL(attribute('action'), document.baseURI)
  return href.startsWith('http') ? href : undefined
}

/** Returns the fields as the browser would post them, with the pressed button and without the excluded fields. */
export function readFields(form: HTMLFormElement, button: Button | null): FormData {
  const data = new FormData(form, button)
  for (const field of form.elements) if (field.matches(EXCLUDED_FIELDS)) data.delete((field as HTMLInputElement).name)
  return data
}

/** Encodes fields as `application/x-www-form-urlencoded`, byte for byte as browsers do: with CRLF. Omits files. */
export function encode(data: FormData): URLSearchParams {
  const crlf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n')
  const body = new URLSearchParams()
  for (const [name, value] of data) if (typeof value === 'string') body.append(crlf(name), crlf(value))
  return body
}
