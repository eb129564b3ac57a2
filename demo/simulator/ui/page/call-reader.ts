/**
 * Which call is read, and what of it is here: the summary at once, what went over the wire when it has come. An answer
 * that comes after another call was opened is dropped.
 */
import type { CallDetail, CallView } from '../../view.ts'

export interface Reading {
  call: CallView
  detail: CallDetail | null
  /** Why there is no detail; null while it is on its way or here. */
  problem: string | null
}

export interface ReaderDoors {
  callOf(number: number): CallView | undefined
  /** What went over the wire in a call; null when it is not kept any more. */
  detailOf(number: number): Promise<CallDetail | null>
  changed(): void
}

export class Reader {
  reading: Reading | null = null
  /** News of a person may come before news of the call that wrote to them: then it is opened when it comes. */
  #wanted: number | null = null
  readonly #doors: ReaderDoors

  constructor(doors: ReaderDoors) {
    this.#doors = doors
  }

  /** Opens a call; null closes the one that is open. */
  open(number: number | null): void {
    this.#wanted = number
    const call = number === null ? undefined : this.#doors.callOf(number)
    if (call && call === this.reading?.call) return
    this.reading = call ? { call, detail: null, problem: null } : null
    this.#doors.changed()
    if (call) void this.#fetch(call)
  }

  /** Looks again, after the calls have changed: numbers begin anew after a reset, and a wanted call may have come. */
  refresh(): void {
    const { reading } = this
    if (reading && this.#doors.callOf(reading.call.number)?.at !== reading.call.at) this.open(null)
    else if (this.#wanted !== null && this.#wanted !== reading?.call.number) this.open(this.#wanted)
  }

  async #fetch(call: CallView): Promise<void> {
    const answer = await this.#doors.detailOf(call.number).then(
      (detail) => ({ detail, problem: detail ? null : 'What went over the wire is no longer kept for this call.' }),
      // The connection has its own mark, which says more.
      () => ({ detail: null, problem: 'The simulator does not answer.' }),
    )
    if (this.reading?.call !== call) return
    this.reading = { call, ...answer }
    this.#doors.changed()
  }
}
