/** What the element tells the page. All of them bubble and leave shadow trees. */
import type { Problem } from '../relay/protocol.ts'
import type { FailureReason } from './submit/send.ts'

const everywhere: EventInit = { bubbles: true, composed: true }

/** Before anything is sent. Cancel it, and nothing is; change `data`, and the changed data is sent. */
export class FormSyncSendingEvent extends Event {
  readonly data: FormData

  constructor(data: FormData) {
    super('form-sync-sending', { ...everywhere, cancelable: true })
    this.data = data
  }
}

/** The relay keeps the lead. */
export class FormSyncSentEvent extends Event {
  /** Of the filled-in form: a UUID, known to the relay's operator. */
  readonly id: string

  constructor(id: string) {
    super('form-sync-sent', everywhere)
    this.id = id
  }
}

/** The form did not arrive, as far as can be known here. */
export class FormSyncFailedEvent extends Event {
  readonly id: string
  readonly reason: FailureReason
  /** The relay's own words (RFC 9457), where it could be heard. */
  readonly problem: Partial<Problem> | undefined

  constructor(id: string, reason: FailureReason, problem: Partial<Problem> | undefined) {
    super('form-sync-failed', everywhere)
    this.id = id
    this.reason = reason
    this.problem = problem
  }
}

declare global {
  interface HTMLElementEventMap {
    'form-sync-sending': FormSyncSendingEvent
    'form-sync-sent': FormSyncSentEvent
    'form-sync-failed': FormSyncFailedEvent
  }
}
