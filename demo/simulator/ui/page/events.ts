/** Defines the events that elements in several folders fire. All of them bubble and cross shadow boundaries. */

const EVENT_INIT = { bubbles: true, composed: true }

/** Fired to select a person, or to close the person that is selected. */
export class ChoosePerson extends Event {
  readonly id: number
  constructor(id: number) {
    super('choose-person', EVENT_INIT)
    this.id = id
  }
}

/** Fired to open a call, or with null to close the open one. */
export class ReadCall extends Event {
  readonly number: number | null
  constructor(number: number | null) {
    super('read-call', EVENT_INIT)
    this.number = number
  }
}

declare global {
  interface HTMLElementEventMap {
    'choose-person': ChoosePerson
    'read-call': ReadCall
  }
}
