/**
 * Tells the developer of a page about mistakes, each once, with what to do. The widget loads this file on demand, when a page
 * looks as if it had one or a form could not be sent. It changes nothing, and names fields without their values.
 */
import type { Problem } from '../../relay/protocol.ts'
import type { Globals } from '../globals.ts'
import type { FailureReason } from '../submit/send.ts'

/** How long frameworks may take to render the form, in ms. */
const RENDER_WAIT_MS = 5000

/** What has become of a submit: it failed, or a script of the page has taken it. */
export interface Mistake {
  reason: FailureReason | 'taken'
  problem?: Partial<Problem>
}

type Host = HTMLElement & { globals: Globals; form: HTMLFormElement | null }

const told = new Set<string>()

/** Examines the element, and the failure of its form if there was one. */
export async function diagnose(element: Host, failure?: Mistake): Promise<void> {
  if (failure) return tell(element, failureMessages(element, failure))
  await element.globals.wait(RENDER_WAIT_MS)
  if (element.isConnected) tell(element, [...elementMessages(element), ...formMessages(element)])
}

function tell(element: Host, messages: string[]): void {
  for (const message of messages) {
    if (told.has(message)) continue
    told.add(message)
    // oxlint-disable-next-line no-console -- the console is where a developer looks
    console.warn(`form-sync: ${message}`, element)
  }
}

function elementMessages(element: Host): string[] {
  const theme = element.getAttribute('theme')
  return [
    element.parentElement?.closest('form') &&
      'The element is inside a form, and browsers drop a form within a form. Put it around the form.',
    !element.form && !element.hasAttribute('for') && 'There is no form inside the element. Put your form into it.',
    theme !== null && theme !== 'plain' && `unknown theme: "${theme}"; allowed is "plain", or no theme.`,
  ].filter((message) => typeof message === 'string')
}

function formMessages(element: Host): string[] {
  const forms = new Set([...element.querySelectorAll('form'), ...(element.form ? [element.form] : [])])
  const isCopy = element.hasAttribute('also')
  return [...forms].flatMap((form) => {
    const attribute = (name: string): string => form.getAttribute(name) ?? ''
    const action = attribute('action')
    return [
      !isCopy &&
        attribute('method').toLowerCase() !== 'post' &&
        'The form has no method="post". Add it: without script, what visitors enter would be in the address of the page.',
      !isCopy &&
        !/\/f\/./.test(action) &&
        `The action "${action}" is not that of a form on a relay, like https://forms.acme.example/f/contact.`,
      !isCopy &&
        !/^(_self)?$/i.test(attribute('target')) &&
        `The form has the target "${attribute('target')}", so the browser posts it. Remove the target.`,
      ...heldBack(form),
    ].filter((message) => typeof message === 'string')
  })
}

/** Describes the fields that are never sent. */
function heldBack(form: HTMLFormElement): string[] {
  const kinds: [selector: string, kind: string][] = [
    ['[type=file]', 'a file'],
    ['[type=password]', 'a password'],
    ['[autocomplete^=cc- i],[autocomplete*=" cc-" i]', 'a payment card'],
  ]
  return kinds.flatMap(([selector, kind]) =>
    [...form.querySelectorAll<HTMLInputElement>(selector)].map(
      ({ name }) => `The field "${name}" is never sent, because it is that of ${kind}. Remove it from the form.`,
    ),
  )
}

function failureMessages(element: Host, { reason, problem }: Mistake): string[] {
  const code = problem?.code
  if (code === 'form') return [`${problem?.detail} Compare the form's action with the names in the forms file.`]
  if (code === 'origin') return [`${problem?.detail} Add "${location.origin}" to its "origins".`]
  if (reason === 'taken') {
    return [
      'A script of the page has prevented the submit, so nothing was sent. If it sends the form itself, add the attribute "also".',
    ]
  }
  const action = element.form?.getAttribute('action') ?? ''
  if (reason === 'network' && !/^https?:/i.test(action) && !element.hasAttribute('also')) {
    return [
      `The action "${action}" is relative, so this site is asked. Give the whole address of the form on the relay.`,
    ]
  }
  if (reason === 'network') {
    return [
      'The relay cannot be reached. Check the action, the certificate, and connect-src of the Content-Security-Policy.',
    ]
  }
  const names = new Set(
    [...(element.form ?? element).querySelectorAll('[name]')].map((field) => field.getAttribute('name')),
  )
  return (problem?.errors ?? [])
    .filter(({ field }) => !names.has(field))
    .map(({ field, code }) => `The relay refuses the field "${field}" (${code}), which the form does not have. Add it.`)
}
