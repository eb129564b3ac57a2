/** Tells in a sentence what a call or an event did. Pure. */
import type { ActivityView, CallView, PersonView } from '../../view.ts'
import { reasonOf } from '../call/reasons.ts'
import { momentOf } from './moment.ts'
import { count, nameOf, pageName } from './names.ts'

/** A sentence whose first part stands out. */
export interface Sentence {
  lead: string
  rest: string
}

type Write = Exclude<ActivityView, { type: 'visit' }>

/** Number of attributes that a sentence names. */
const MAX_NAMES = 3

/** What calls do that write nobody, by operation. Others are told by their name. */
const READS: Record<string, string> = {
  identity: 'A program signed in',
  getLead: 'A program looked for a person',
  getLeadById: 'A program looked for a person',
  getLeadsByFilter: 'A program looked for people',
  describeMObject: 'A program read the list of fields',
  listMObjects: 'A program read the list of objects',
  describeLead: 'A program read the list of fields',
  describeLead2: 'A program read the list of fields',
  getForm: 'A program read a form',
  getFormFields: 'A program read the fields of a form',
  getUsage: 'A program read the use of the limits',
  getErrors: 'A program read the errors of the day',
  getPartitions: 'A program read the partitions',
  requestCampaign: 'A program started a campaign',
  listOperation: 'A program changed or read a list',
}

/**
 * Tells what a call did.
 *
 * @param people those whom the call wrote, or whom a failed call concerns
 */
export function callSentence(call: CallView, people: readonly PersonView[]): Sentence {
  const [person] = people
  if (!call.ok) return faultSentence(call, person && nameOf(person))
  if (people.length > 1)
    return { lead: `${count(people.length, 'person', 'people')} were written`, rest: ' by one call' }
  const writes = person ? writesBy(call.number, person) : []
  if (!person || writes.length === 0) return { lead: READS[call.operation] ?? `${call.operation} was called`, rest: '' }
  return writeSentence(nameOf(person), person, writes)
}

export function visitSentence(visit: { url: string; title?: string }): Sentence {
  return { lead: '', rest: `Viewed “${pageName(visit)}”` }
}

/** Tells what a call did to a person, who is not named. */
export function personSentence(call: number, person: PersonView): Sentence {
  const { lead, rest } = writeSentence('', person, writesBy(call, person))
  return { lead: lead.charAt(0).toUpperCase() + lead.slice(1), rest }
}

/** Tells why a call failed, the reason first. */
export function faultSentence({ code, operation }: Pick<CallView, 'code' | 'operation'>, name?: string): Sentence {
  const whom = name === undefined ? '' : ` for ${name}`
  const number = code !== null && /^\d+$/.test(code) ? `, code ${code}` : ''
  return { lead: reasonOf(code), rest: `: ${operation} failed${whom}${number}` }
}

function writeSentence(name: string, person: PersonView, writes: readonly Write[]): Sentence {
  const form = writes.find((write) => write.type === 'form')
  if (writes.some((write) => write.type === 'known'))
    return { lead: `${name} became known`.trim(), rest: howKnown(person, form?.form) }
  if (form) return { lead: `${name} filled out`.trim(), rest: ` “${form.form}”` }
  const custom = writes.find((write) => write.type === 'custom')
  if (custom) return { lead: `${custom.name} was added`, rest: `${name && ` to ${name}`}: “${custom.primaryValue}”` }
  const sync = writes.find((write) => write.type === 'sync')
  if (!sync) return { lead: 'A cookie was joined', rest: name && ` to ${name}` }
  const verb = sync.status === 'CREATED' ? 'was added by a program' : 'was updated by a program'
  return { lead: `${name} ${verb}`.trim(), rest: sync.attributes.length > 0 ? `: ${listNames(sync.attributes)}` : '' }
}

/** Tells by which form a person became known, and which earlier visits that joined. */
function howKnown(person: PersonView, form: string | undefined): string {
  const { visits = 0, page } = momentOf(person) ?? {}
  const by = form === undefined ? '' : ` by form “${form}”`
  return page === undefined ? by : `${by}; ${count(visits, 'earlier visit')} joined, back to “${page}”`
}

function writesBy(call: number, { activities }: PersonView): Write[] {
  return activities.filter((activity) => activity.type !== 'visit' && activity.call === call) as Write[]
}

function listNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMES
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more` : names.join(', ')
}
