/**
 * Holds the open call and loads its request and reply. Draws nothing.
 *
 * The summary is available at once. An answer that arrives after another call was opened is dropped.
 */
import type { CallDetail, CallView } from '../../view.ts'

export interface Reading {
  call: CallView
  detail: CallDetail | null
  /** Message that says why there is no detail; null while it is loading or loaded. */
  problem: string | null
}

export interface CallSource {
  callOf(number: number): CallView | undefined
  /** Loads request and reply of a call; null if they are no longer stored. */
  detailOf(number: number): Promise<CallDetail | null>
  /** Called when `reading` has changed. */
  changed(): void
}

export class CallReader {
  reading: Reading | null = null
  /** Number of the call to open. The event of a person may arrive before that of the call, which then opens later. */
  #wanted: number | null = null
  readonly #source: CallSource

  constructor(source: CallSource) {
    this.#source = source
  }

  /** Opens a call, or closes the open one if `number` is null. */
  open(number: number | null): void {
    this.#wanted = number
    const call = number === null ? undefined : this.#source.callOf(number)
    if (call && call === this.reading?.call) return
    this.reading = call ? { call, detail: null, problem: null } : null
    this.#source.changed()
    if (call) void this.#fetch(call)
  }

  /** Call when the calls have changed. Opens a wanted call that has arrived; closes a call that a reset has removed. */
  refresh(): void {
    const { reading } = this
    if (reading && this.#source.callOf(reading.call.number)?.at !== reading.call.at) this.open(null)
    else if (this.#wanted !== null && this.#wanted !== reading?.call.number) this.open(this.#wanted)
  }

  async #fetch(call: CallView): Promise<void> {
    const answer = await this.#source.detailOf(call.number).then(
      (detail) => ({ detail, problem: detail ? null : 'Request and reply of this call are no longer stored.' }),
      // `connection-status` shows the details of a lost connection.
      () => ({ detail: null, problem: 'The simulator does not answer.' }),
    )
    if (this.reading?.call !== call) return
    this.reading = { call, ...answer }
    this.#source.changed()
  }
}
