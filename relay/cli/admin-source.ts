/** Defines the admin service as a command opens it, and the error of a source that cannot be used. */
import type { ExportedLead } from '../admin/export-leads.ts'
import type { FormHolds } from '../admin/form-holds.ts'
import type { RetryResult } from '../admin/retry-now.ts'
import type { WaitingLeads } from '../admin/waiting-leads.ts'
import type { ParkedLeads } from '../admin/parked-leads.ts'
import type { ListedState } from '../outbox/outbox.ts'

export interface OpenAdmin {
  parkedLeads: ParkedLeads
  waitingLeads: WaitingLeads
  formHolds: FormHolds
  /** Makes the relay call Marketo again at once. */
  retryNow: () => Promise<RetryResult>
  /** Yields undelivered leads; absent where the source is a relay at a URL. */
  exportLeads?: (states: readonly ListedState[]) => AsyncGenerator<ExportedLead>
  /** Sentence that tells the operator when leads are sent that may be sent now. */
  deliveryNote: string
  close(): void | Promise<void>
}

/** Failure to open or use the source of the leads. */
export class AdminError extends Error {
  /** Exit code of the command: 1 if the source failed, 2 if the options or variables are wrong. */
  readonly code: 1 | 2

  constructor(code: 1 | 2, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AdminError'
    this.code = code
  }
}
