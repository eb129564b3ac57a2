/** Changes the label of the pressed button and restores it; it leaves the rest of the form alone. */
import type { Button } from './fields.ts'

/** Original content of each button whose label is changed. */
const originals = new WeakMap<Button, (string | Node)[]>()

/**
 * Shows `label` on the button, or puts the original content back, the same nodes, if there is no label.
 *
 * A button with a changed label is `aria-disabled` rather than `disabled`, because a disabled button loses the focus.
 */
export function setButtonLabel(button: Button, label = ''): void {
  const isInput = button instanceof HTMLInputElement
  const original = originals.get(button) ?? (isInput ? [button.value] : [...button.childNodes])
  originals.set(button, original)
  const content = label ? [label] : original
  if (isInput) button.value = content[0] as string
  else button.replaceChildren(...content)
  button.ariaDisabled = label ? 'true' : null
  if (!label) originals.delete(button)
}
