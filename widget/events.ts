/** Defines the events that `<form-sync>` dispatches; they only carry data. All of them bubble and are composed. */
import type { Problem } from '../relay/protocol.ts'
import type { FailureReason } from './submit/send.ts'

const EVENT_INIT: EventInit = { bubbles: true, composed: true }

/** The browser's own `Event`: MooTools puts a class of its own in the place of the global one. */
const NativeEvent = Object.getPrototypeOf(CustomEvent) as typeof Event

/** Precedes the request. `preventDefault()` stops it; changes to `data` are sent, also those made until it is sent. */
export class FormSyncSendingEvent extends NativeEvent {
  declare readonly data: FormData
  /** @internal */
  readonly waits: Promise<unknown>[] = []

  constructor(data: FormData) {
    super('form-sync-sending', { ...EVENT_INIT, cancelable: true })
    this.data = data
  }

  /** Lets the request wait until the promise is settled. A rejected one does not stop it. */
  waitUntil(promise: Promise<unknown>): void {
    this.waits.push(promise)
  }
}

/** Reports that the relay has stored the lead. `preventDefault()` keeps the browser from opening the thanks address. */
export class FormSyncSentEvent extends NativeEvent {
  /** Id of the submission, a UUID. The relay's operator can look it up. */
  declare readonly id: string

  constructor(id: string) {
    super('form-sync-sent', { ...EVENT_INIT, cancelable: true })
    this.id = id
  }
}

/** Reports that the form could not be sent. It may have reached the relay if only the response was lost. */
export class FormSyncFailedEvent extends NativeEvent {
  declare readonly id: string
  declare readonly reason: FailureReason
  /** The relay's problem details (RFC 9457), if it answered. */
  declare readonly problem: Partial<Problem> | undefined

  constructor(id: string, reason: FailureReason, problem: Partial<Problem> | undefined) {
    super('form-sync-failed', EVENT_INIT)
    this.id = id
    this.reason = reason
    this.problem = problem
  }
}

/** The events by their names. */
export interface FormSyncEventMap {
  'form-sync-sending': FormSyncSendingEvent
  'form-sync-sent': FormSyncSentEvent
  'form-sync-failed': FormSyncFailedEvent
}

declare global {
  interface HTMLElementEventMap extends FormSyncEventMap {}
  interface DocumentEventMap extends FormSyncEventMap {}
  interface WindowEventMap extends FormSyncEventMap {}
}
