/** Formats held leads, and what a release or a discard did, for a terminal. Pure. */
import type { HeldLead } from '../admin/held-leads.ts'
import type { ReleaseAdvice } from '../admin/release-advice.ts'
import type { DiscardResult } from '../admin/waiting-leads.ts'
import { counted, duration, grouped, printable, timeOf, wrap, type Terminal } from './terminal.ts'

/** Formats the list: several lines per lead, because reasons are long. */
export function formatHeld(terminal: Terminal, leads: readonly HeldLead[], total: number, now: number): string {
  const [first] = leads
  if (!first) return total === 0 ? 'No leads are held.' : `None of the ${counted(total, 'held lead')} is selected.`
  const shown =
    leads.length < total ? `${grouped(leads.length)} of ${counted(total, 'held lead')}` : counted(total, 'held lead')
  const title = `${shown}, the oldest for ${duration(now - Date.parse(first.heldAt))}.`
  const next = 'Send leads: form-sync held --release. Remove leads: form-sync held --discard.'
  const list = leads.map((lead) => formatLead(terminal, lead)).join('\n\n')
  return [...wrap(title, terminal.width), '', list, '', ...wrap(next, terminal.width).map(terminal.dim)].join('\n')
}

function formatLead({ bold, width }: Terminal, lead: HeldLead): string {
  const form = lead.account === undefined ? lead.form : `${lead.form} (${lead.account})`
  const lines = [
    `${printable(form)}  ${timeOf(lead.heldAt, 'minute')} UTC`,
    printable(lead.reason ?? ''),
    ...(lead.rules.length > 0 ? [`rules: ${printable(lead.rules.join(', '))}`] : []),
    ...lead.notes.map((note) => `note: ${printable(note)}`),
    ...valuesOf(lead).map(([name, value]) => `${printable(name)}: ${printable(value)}`),
  ]
  return [bold(printable(lead.id)), ...lines.flatMap((line) => wrap(line, width - 2)).map((line) => `  ${line}`)].join(
    '\n',
  )
}

/** Returns the values with their names. Those that identify the person come first. */
function valuesOf({ values }: HeldLead): [name: string, value: string][] {
  if (!values) return []
  const { email, cookie, attributes } = values
  return [
    ['email', email],
    ...(cookie === undefined ? [] : [['cookie', cookie] as [string, string]]),
    ...Object.entries(attributes),
  ]
}

/** Formats what a release did, or would do, and what to change so that such leads pass. */
export function formatReleased({
  released,
  dryRun,
  deliveryNote,
  advice,
  command,
}: {
  released: number
  dryRun: boolean
  deliveryNote: string
  advice: readonly ReleaseAdvice[]
  command: string
}): string {
  if (released === 0) return dryRun ? 'Would release 0 leads.' : 'Released 0 leads.'
  const done = dryRun
    ? [
        `Would release ${counted(released, 'lead')}. Nothing was changed.`,
        `To release them: ${printable(command)} --yes`,
      ]
    : [`Released ${counted(released, 'lead')}. ${deliveryNote}`]
  const changes = advice.flatMap(({ form, rule, leads, change }) => {
    const by = rule === undefined ? 'an operator, with all leads of the form' : `the rule ${rule}`
    return [`  ${counted(leads, 'lead')} of ${form}, held by ${by}: ${change}`]
  })
  if (changes.length === 0) return done.join('\n')
  return [...done, '', 'Such leads will be held again, unless you change this:', ...changes.map(printable)].join('\n')
}

/** Formats what a discard did, or would do. */
export function formatDiscarded({ discarded, dryRun, command }: DiscardResult & { command: string }): string {
  if (!dryRun) return `Removed ${counted(discarded, 'lead')}.`
  const would = `Would remove ${counted(discarded, 'lead')}. Nothing was changed.`
  return discarded === 0 ? would : `${would}\nTo remove them: ${printable(command)} --yes`
}
