/** Wraps the browser's network, pauses, randomness and navigation, so that tests can replace them; has no logic. */
import { uuidv7 } from './submit/submission-id.ts'

export interface Globals {
  fetch(url: string, init: RequestInit): Promise<Response>
  wait(milliseconds: number): Promise<unknown>
  /** Creates the id of a new submission, a UUID. */
  id(): string
  /** Returns a number from 0 to just below 1. */
  random(): number
  /** Time limit for one request, in ms. */
  timeout: number
  /** Opens the form's thanks address in place of the page. */
  navigate(url: string): void
}

export const browserGlobals: Globals = {
  fetch: (url, init) => fetch(url, init),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  // Pages without TLS do not have crypto.randomUUID.
  id: () => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(16))),
  random: () => Math.random(),
  timeout: 20_000,
  navigate: (url) => location.assign(url),
}
