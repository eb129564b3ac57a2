/** What the element needs of the world beyond its page. Tests hand in their own, so that none of them waits. */
import { uuidv7 } from './submit/submission-id.ts'

export interface World {
  fetch(url: string, init: RequestInit): Promise<Response>
  wait(milliseconds: number): Promise<unknown>
  /** Names a filled-in form: a UUID. */
  id(): string
  /** From 0 to just below 1. */
  random(): number
  /** How long one try may take, in milliseconds. */
  timeout: number
  /** Goes to the form's thanks address. */
  navigate(url: string): void
}

export const browser: World = {
  fetch: (url, init) => fetch(url, init),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  // Not crypto.randomUUID: pages without TLS do not have it.
  id: () => uuidv7(Date.now(), crypto.getRandomValues(new Uint8Array(16))),
  random: () => Math.random(),
  timeout: 20_000,
  navigate: (url) => location.assign(url),
}
