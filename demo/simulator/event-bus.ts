/** Tells everyone who listens what has happened. Nobody listening costs nothing. */
import type { SimulatorEvent } from './view.ts'

export type Listener = (event: SimulatorEvent, data: string) => void

export class Events {
  readonly #listeners = new Set<Listener>()

  /** `make` gives what JSON can hold; it is called only when someone listens. */
  publish(event: SimulatorEvent, make: () => unknown): void {
    if (this.#listeners.size === 0) return
    const data = JSON.stringify(make())
    for (const listener of this.#listeners) listener(event, data)
  }

  /** Returns the way to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
