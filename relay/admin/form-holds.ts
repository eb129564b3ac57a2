/**
 * Holds all new leads of a form, and ends that: the admin service behind HTTP and the command. It knows neither HTTP nor the
 * terminal.
 */
import { iso } from '../monitoring/events.ts'
import type { FormHold } from '../outbox/held-forms.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Recorder } from './audit-log.ts'
import { surveyLeads } from './waiting-leads.ts'

export interface FormHolds {
  /** Lists the forms whose new leads are held. */
  list(): Promise<{ forms: ListedHold[] }>
  /** Holds all new leads of a form from now on, or ends that without `hold`: then `by` names the operator. */
  set(form: string, hold: FormHold | undefined, by?: string): Promise<HoldResult>
}

/** A form whose new leads are held. */
export interface ListedHold extends FormHold {
  form: string
  /** Time since which they are held, ISO 8601. */
  since: string
}

export interface HoldResult {
  form: string
  /** Whether its new leads are held now. */
  on: boolean
  /** False when there was nothing to end. */
  changed: boolean
  /** Number of leads of the form that are held, for whatever reason. They stay held. */
  held: number
}

/** Creates the admin service of an outbox over all accounts. */
export function createFormHolds(
  outbox: Pick<Outbox, 'holdForm' | 'status' | 'survey'>,
  now: () => number,
  recorder: Recorder,
): FormHolds {
  return {
    async list() {
      const { heldForms = [] } = await outbox.status(now())
      return { forms: heldForms.map(({ since, ...rest }) => ({ ...rest, since: iso(since) })) }
    },
    async set(form, hold, by = hold?.by) {
      const act = { kind: hold ? 'hold' : 'end-hold', selector: { form }, ...(by !== undefined && { by }) } as const
      return recorder.record(
        { ...act, ...(hold && { reason: hold.reason }) },
        async () => {
          const changed = await outbox.holdForm(form, hold, now())
          const { held } = await surveyLeads(outbox, { state: 'held', form }, 'state')
          return { form, on: hold !== undefined, changed, held }
        },
        ({ held }) => held,
      )
    },
  }
}
