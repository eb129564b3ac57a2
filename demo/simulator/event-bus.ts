/** Publishes events of the simulator to listeners. Stores nothing. */
import type { SimulatorEvent } from './view.ts'

/** @param data the event's data as JSON */
export type Listener = (event: SimulatorEvent, data: string) => void

export class EventBus {
  readonly #listeners = new Set<Listener>()

  /** @param makeData returns a JSON value; called only if there is a listener */
  publish(event: SimulatorEvent, makeData: () => unknown): void {
    if (this.#listeners.size === 0) return
    const data = JSON.stringify(makeData())
    for (const listener of this.#listeners) listener(event, data)
  }

  /** Adds a listener. Returns the function that removes it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
