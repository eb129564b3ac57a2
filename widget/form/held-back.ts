/**
 * Holds back entries that are never sent, whatever the form is for: passwords, payment cards, files; it changes neither
 * the form nor its controls.
 */

/** Selects fields of a payment card. */
const CARD = '[autocomplete^=cc- i],[autocomplete*=" cc-" i]'

/** Controls that were password inputs at some time. A button of the page may have revealed them. */
const passwords = new WeakSet<Element>()
/** Their names: a framework may replace the control when it reveals it. */
const passwordNames = new Set<string>()

/** Remembers the password inputs among the controls. Call it whenever the visitor uses the form. */
export function rememberPasswords(controls: HTMLInputElement[]): void {
  for (const control of controls) {
    if (control.type !== 'password') continue
    passwords.add(control)
    passwordNames.add(control.name)
  }
}

function isHeldBack(control: HTMLInputElement): boolean {
  const isRevealed = passwordNames.has(control.name) && control.matches('[autocomplete*=password i]')
  return passwords.has(control) || isRevealed || control.matches(CARD)
}

/**
 * Returns the entries without those of passwords, payment cards and files. Other entries of the same name stay: a page may
 * say `autocomplete="new-password"` to keep an e-mail address from being filled in, or give a text the name of a file.
 */
export function takeHeldBack(data: FormData, controls: HTMLInputElement[]): FormData {
  rememberPasswords(controls)
  const held = controls.filter((control) => isHeldBack(control))
  const rest = new FormData()
  for (const [name, value] of data) {
    const at = held.findIndex((control) => control.name === name && control.value === value)
    if (at >= 0) held.splice(at, 1)
    else if (typeof value === 'string') rest.append(name, value)
  }
  return rest
}
