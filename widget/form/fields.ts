/** Reads from a form what the browser itself would post, and to which address; it never changes the form. */
import { takeHeldBack } from './held-back.ts'

/** A submit button. */
export type Button = HTMLButtonElement | HTMLInputElement

/** Selects controls whose values the visitor does not enter: a press can give them new ones. */
const NOT_ENTERED = 'button,[type=hidden],[type=submit],[type=image],[name$="-response"]'

/**
 * Returns the absolute address that the form is posted to, or `undefined` if the submit is left to the browser: for a
 * method other than `post`, another window, no address, or one that is not HTTP. The button's `form…` attributes take
 * precedence, as in HTML. A form of the relay without a valid method is posted all the same: by GET, what the visitor entered
 * would be in the page's address.
 *
 * @throws TypeError if the address is not a valid URL
 */
export function destination(form: HTMLFormElement, button: Button | null): string | undefined {
  // Attributes, not properties: a field named "action" or "method" hides the form's own property.
  const attribute = (name: string): string => button?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? ''
  if (!/^(_self)?$/i.test(attribute('target')) || !attribute('action')) return undefined
  const { href, pathname } = new URL(attribute('action'), document.baseURI)
  const method = attribute('method').toLowerCase()
  const isPost = method === 'post' || (/\/f\/./.test(pathname) && !/^(get|dialog)$/.test(method))
  return isPost && href.startsWith('http') ? href : undefined
}

/** Returns the form's controls, also if a field is called "elements". */
export function controlsOf(form: HTMLFormElement): HTMLInputElement[] {
  const { get } = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, 'elements')!
  return [...(get!.call(form) as Iterable<HTMLInputElement>)]
}

/** Returns the controls, and elements that have a name and take part by script alone, as those of Shoelace. */
export function namedIn(form: HTMLFormElement): HTMLInputElement[] {
  return [...new Set([...controlsOf(form), ...form.querySelectorAll<HTMLInputElement>('[name]')])]
}

/** Returns the fields as the browser would post them, with the pressed button and without what is held back. */
export function readFields(form: HTMLFormElement, button: Button | null): FormData {
  return takeHeldBack(new FormData(form, button), controlsOf(form))
}

/** Returns what the visitor has entered, as text. Hidden fields and buttons do not count. */
export function readAnswers(form: HTMLFormElement, data: FormData): string {
  const named = namedIn(form).filter((each) => !each.matches(NOT_ENTERED))
  const names = new Set(named.map((each) => each.getAttribute('name')))
  const answers = new FormData()
  for (const [name, value] of data) if (names.has(name)) answers.append(name, value)
  return `${encode(answers)}`
}

/** Encodes fields as `application/x-www-form-urlencoded`, byte for byte as browsers do: with CRLF. Omits files. */
export function encode(data: FormData): URLSearchParams {
  const crlf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n')
  const body = new URLSearchParams()
  for (const [name, value] of data) if (typeof value === 'string') body.append(crlf(name), crlf(value))
  return body
}
