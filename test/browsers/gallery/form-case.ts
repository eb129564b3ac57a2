/** A form as a program emits it, and what a visitor does with it. The forms are our own writing, in the manner of each program. */

export interface FormCase {
  name: string
  /** A page's content with one form. `{action}` stands for the address. */
  html: string
  /** Texts to type, by selector. */
  type?: Record<string, string>
  /** Selectors of boxes, radio buttons and labels to press. */
  tick?: string[]
  /** A script that does what the program's own script does: it mirrors values, or chooses an option. */
  script?: string
  /** Selector of the button; by default the first one that submits. */
  press?: string
  /** Names that the widget holds back, as those of passwords. The browser posts them. */
  heldBack?: string[]
}
