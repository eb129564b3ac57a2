/** Finds the place of a message at a field, so that the layout of the page stays as it is; it changes nothing. */

/** Matches what libraries for selects put after the select that they hide: Select2 and Tom Select. */
const AFTER_SELECT = '.select2,.ts-wrapper'

/** `Node.DOCUMENT_POSITION_CONTAINS` and `DOCUMENT_POSITION_FOLLOWING`. */
const AROUND_OR_AFTER = 8 | 4

/**
 * Returns the node that the message follows: the field, its label or custom select, or what surrounds it in one row, as the
 * input groups and floating labels of CSS frameworks do.
 */
export function anchorOf(control: HTMLInputElement): Element {
  let anchor = customSelect(control) ?? controlOrLabel(control)
  while (!anchor.matches('form,fieldset') && isInRow(anchor, control.name)) anchor = anchor.parentElement!
  return anchor
}

function customSelect(control: Element): Element | null {
  const next = control.nextElementSibling
  // Choices.js puts the select into an element of its own.
  return next?.matches(AFTER_SELECT) ? next : control.closest('.choices')
}

/** Returns whether what follows the node would stand beside it, where the parent is there for this field alone. */
function isInRow(node: Element, name: string): boolean {
  const { parentElement } = node
  if (!parentElement) return false
  const { display, flexDirection, gridTemplateColumns } = getComputedStyle(parentElement)
  const isRow = display.includes('flex') ? flexDirection.startsWith('row') : gridTemplateColumns.includes(' ')
  const others = [...parentElement.querySelectorAll<HTMLInputElement>('[name]:not([type=hidden],button)')]
  return getComputedStyle(node).position === 'absolute' || (isRow && others.every((each) => each.name === name))
}

/** Returns the label if it surrounds or follows the control, as with a checkbox, otherwise the control. */
function controlOrLabel(control: HTMLInputElement): Element {
  const position = (label: Node): number => control.compareDocumentPosition(label)
  return [...(control.labels ?? [])].find((label) => position(label) & AROUND_OR_AFTER) ?? control
}
