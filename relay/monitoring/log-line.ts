/**
 * Formats an event as a line of the log: JSON with the keys of the events alone, of bounded length, and without a
 * character that controls a terminal.
 *
 * The list of keys is the last guard against an event that carries more than its type says, such as an error or a lead
 * that was passed on as a whole.
 */
import { CONTROL_CHARACTERS, escapeCharacter } from './escape-controls.ts'
import type { LogEvent, LoggedSelector } from './events.ts'

type KeysOf<T> = T extends unknown ? keyof T : never

/** Every key of an event, and of an object in one. The type makes the list complete: neither a key of `LogEvent` is missing nor is another there. */
const KEYS: Record<KeysOf<LogEvent> | keyof LoggedSelector, 1> = {
  account: 1,
  accounts: 1,
  advice: 1,
  ageSeconds: 1,
  attempt: 1,
  attributes: 1,
  by: 1,
  change: 1,
  code: 1,
  cookiesOf: 1,
  count: 1,
  domain: 1,
  dueAt: 1,
  errors: 1,
  event: 1,
  fields: 1,
  file: 1,
  form: 1,
  forms: 1,
  found: 1,
  from: 1,
  held: 1,
  id: 1,
  kind: 1,
  lastedSeconds: 1,
  lead: 1,
  leads: 1,
  limit: 1,
  metLimit: 1,
  ms: 1,
  notChecked: 1,
  note: 1,
  notes: 1,
  of: 1,
  ok: 1,
  operation: 1,
  origin: 1,
  owedCookies: 1,
  parked: 1,
  place: 1,
  provider: 1,
  reason: 1,
  receipts: 1,
  rule: 1,
  selector: 1,
  source: 1,
  state: 1,
  storedAs: 1,
  transport: 1,
  underWay: 1,
  unreported: 1,
  until: 1,
  waiting: 1,
  warnings: 1,
  where: 1,
  works: 1,
}

/** Maximum length of a line, in characters, before its values are cut. */
const MAX_LINE_LENGTH = 8_192

/** Maximum length of each text and list of a line that is too long. */
const MAX_TEXT_LENGTH = 1_000
const MAX_LIST_LENGTH = 50

/**
 * Returns the line without its end.
 *
 * @param at time of the event, ISO 8601
 */
export function logLine(at: string, event: LogEvent): string {
  const line = isListed(event) ? `{"at":"${at}",${JSON.stringify(event).slice(1)}` : listedOnly({ at, ...event })
  const short = line.length > MAX_LINE_LENGTH ? JSON.stringify(JSON.parse(line), cut) : line
  // JSON has escaped C0 within its texts, and has the others only within texts.
  return short.replace(CONTROL_CHARACTERS, escapeCharacter)
}

/** Returns true if the event has keys of the list alone, and no object. Most have, and an array of keys takes ten times as long. */
function isListed(event: LogEvent): boolean {
  for (const [key, value] of Object.entries(event)) {
    if (!Object.hasOwn(KEYS, key) || (Array.isArray(value) ? value.some(isObject) : isObject(value))) return false
  }
  return true
}

function isObject(value: unknown): boolean {
  return typeof value === 'object'
}

function listedOnly(event: object): string {
  return JSON.stringify(event, ['at', ...Object.keys(KEYS)])
}

function cut(_: string, value: unknown): unknown {
  if (typeof value === 'string' && value.length > MAX_TEXT_LENGTH) return `${value.slice(0, MAX_TEXT_LENGTH)}…`
  if (!Array.isArray(value) || value.length <= MAX_LIST_LENGTH) return value
  return [...value.slice(0, MAX_LIST_LENGTH), `and ${value.length - MAX_LIST_LENGTH} more`]
}
