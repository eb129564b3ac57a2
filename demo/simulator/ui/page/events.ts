/** What the elements tell the page. Each is a class with fields; all of them bubble through every shadow. */

const THROUGH = { bubbles: true, composed: true }

/** The reader chose a person, or chose them again to close them. */
export class ChoosePerson extends Event {
  readonly id: number
  constructor(id: number) {
    super('choose-person', THROUGH)
    this.id = id
  }
}

/** The reader wants to read a call; null closes it. */
export class ReadCall extends Event {
  readonly number: number | null
  constructor(number: number | null) {
    super('read-call', THROUGH)
    this.number = number
  }
}

declare global {
  interface HTMLElementEventMap {
    'choose-person': ChoosePerson
    'read-call': ReadCall
  }
}
