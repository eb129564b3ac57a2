/** Lets the pressed button say what happens, and gives it back as it was. */
import type { Button } from './fields.ts'

/** What a button held before the first word of ours. */
const own = new WeakMap<Button, (string | Node)[]>()

/**
 * Shows `words` on the button; no words put its own content back, the very same nodes.
 *
 * Meanwhile it is `aria-disabled` and not `disabled`: a disabled button loses the focus, and with it the visitor's place.
 */
export function sayOnButton(button: Button, words = ''): void {
  const field = button instanceof HTMLInputElement
  const before = own.get(button) ?? (field ? [button.value] : [...button.childNodes])
  own.set(button, before)
  const content = words ? [words] : before
  if (field) button.value = content[0] as string
  else button.replaceChildren(...content)
  button.ariaDisabled = words ? 'true' : null
  if (!words) own.delete(button)
}
