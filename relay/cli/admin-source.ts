/** What a desk is once a command has opened it, and how it says that it can't. */
import type { ParkedLeads } from '../admin/parked-leads.ts'

export interface OpenAdmin {
  desk: ParkedLeads
  /** When leads go that were sent again: a sentence. */
  soon: string
  close(): void | Promise<void>
}

/** The command can't reach what it is to work on, or may not. `code` is the exit code. */
export class AdminError extends Error {
  readonly code: 1 | 2

  constructor(code: 1 | 2, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DeskError'
    this.code = code
  }
}
