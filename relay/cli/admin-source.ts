/** Defines the admin service as a command opens it, and the error of a source that cannot be used. */
import type { AuditLog } from '../admin/audit-log.ts'
import type { LeadDetails } from '../admin/lead-details.ts'
import type { Limits } from '../outbox/limits/limits.ts'
import type { Readiness } from '../http/readiness.ts'
import type { ExportedLead } from '../admin/export-leads.ts'
import type { FormHolds } from '../admin/form-holds.ts'
import type { Persons } from '../admin/persons.ts'
import type { RetryResult } from '../admin/retry-now.ts'
import type { HeldLeads } from '../admin/held-leads.ts'
import type { WaitingLeads } from '../admin/waiting-leads.ts'
import type { ParkedLeads } from '../admin/parked-leads.ts'
import type { SettingsByForm } from '../intake/form-settings.ts'
import { DataKeyError } from '../outbox/sealing/text-cipher.ts'
import type { DataKeys } from '../outbox/sealing/sealing.ts'
import type { ListedState } from '../outbox/outbox.ts'

/** State of a relay, or that no lead can be stored. */
export type RelayState = Readiness | { ready: false; reason?: string }

/** How a command opens a store. */
export interface StoreOptions {
  /** Today's settings of the forms, for leads that are replayed. */
  forms: SettingsByForm
  /** Returns the limits of an account, by the variables of the command. */
  limitsOf?: (account: string) => Limits
  /** Name of the account to which the service is restricted; all by default. */
  account?: string | undefined
  /** Keys that the leads may be encrypted with. */
  dataKeys?: DataKeys | undefined
}

export interface OpenAdmin {
  parkedLeads: ParkedLeads
  heldLeads: HeldLeads
  waitingLeads: WaitingLeads
  formHolds: FormHolds
  persons: Persons
  leadDetails: LeadDetails
  /** Returns the body of `/readyz` as an operator sees it: of a store what it tells by itself. */
  status: () => Promise<RelayState>
  auditLog: AuditLog
  /** Sentence that tells the operator where erased data may still be. */
  remainsNote: string
  /** Makes the relay call Marketo again at once. */
  retryNow: () => Promise<RetryResult>
  /** Yields undelivered leads. */
  exportLeads: (states: readonly ListedState[]) => AsyncGenerator<ExportedLead>
  /** Sentence that tells the operator when leads are sent that may be sent now. */
  deliveryNote: string
  close(): void | Promise<void>
}

/** Returns the error of a store that cannot be opened. */
export function failureOf(cause: unknown): AdminError {
  const isWrongKey = [cause, (cause as Error).cause].some((each) => each instanceof DataKeyError)
  return new AdminError(isWrongKey ? 2 : 1, (cause as Error).message, { cause })
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
