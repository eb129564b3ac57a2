/**
 * Follows the visitor's decision about tracking for one element, and adds it to what a form sends. The widget loads this file on
 * demand, for elements with the property `consent`. It stores nothing, and whatever fails here, the form is sent.
 */
import type { Globals } from '../globals.ts'
import type { Answer, ConsentSetting, Poll } from './answer.ts'
import { type Source, sourcesOf } from './sources.ts'

type Host = HTMLElement & { globals: Globals; consent?: ConsentSetting | null | undefined }

/** Adds fields, but for those that the form has. */
type AddFields = (data: FormData, fields: Record<string, string>) => void

/**
 * Adds the decision, and what it allows. What is known already is added at once: a post of the browser waits for nothing.
 * Resolves with true if the visitor may be recognised. Never rejects.
 */
export type Decide = (data: FormData) => Promise<boolean>

/** Longest wait for a decision, in ms. */
const MAX_WAIT_MS = 300
const STEP_MS = 50

/** Matches a record of a decision that is longer than what the relay takes: 2,000 characters. */
const TOO_LONG = /^.{2001}.*$/s

/** Values of a field `_consent` of the form itself that are an agreement, as for the relay. */
const AGREED = /^\s*(granted|true|yes|on|1|not-required)\s*$/i

const told = new Set<string>()

/**
 * Begins to follow the decision.
 *
 * @param addVisit adds what the decision allows: the cookie, the query and the referrer
 */
export function watchConsent(element: Host, addFields: AddFields, addVisit: (data: FormData) => void): Decide {
  let setting: ConsentSetting | null | undefined
  let sources: Source[] = []
  const seen = new Map<string, number>()

  /** Asks the sources of the setting as it is now. */
  const ask = (): Poll => {
    if (element.consent !== setting) {
      setting = element.consent
      sources = sourcesOf(setting ?? '')
    }
    const polls = sources.map(({ name, ask }) => withSource(name, ask))
    return () => decisionOf(polls.map((poll) => poll()))
  }

  const fieldsOf = ({ decision, source, time, detail }: Answer): Record<string, string> => {
    const key = `${source} ${decision}`
    if (!seen.has(key)) {
      seen.clear()
      seen.set(key, Date.now())
    }
    return {
      _consent: decision,
      _consent_source: `${source}`,
      _consent_time: isoTime(time) ?? isoTime(seen.get(key))!,
      _consent_detail: (detail ?? '').replace(TOO_LONG, ''),
    }
  }

  /** Tells the developer what is wrong, once. */
  const explain = (): void => {
    for (const advice of sources.map((source) => source.advice())) {
      if (advice === undefined || told.has(advice)) continue
      told.add(advice)
      // oxlint-disable-next-line no-console -- the console is where a developer looks
      console.warn(`form-sync: ${advice}`, element)
    }
  }

  // Tools are followed from now on. A function is asked when a form is sent, and not before.
  const first = typeof element.consent === 'function' ? undefined : ask()()
  if (first) fieldsOf(first)

  return async (data) => {
    const own = data.getAll('_consent').at(-1)
    let isAllowed = typeof own === 'string' && AGREED.test(own)
    if (own === undefined) {
      const poll = ask()
      let answer = poll()
      if (!answer) {
        addFields(data, { _consent: 'unknown' })
        for (let waited = 0; !answer && waited < MAX_WAIT_MS; waited += STEP_MS) {
          await element.globals.wait(STEP_MS)
          answer = poll()
        }
        if (!answer) explain()
        // The page may have decided meanwhile, when it was told that the form is sent.
        if (!answer || data.get('_consent') !== 'unknown') return false
        data.delete('_consent')
      }
      addFields(data, fieldsOf(answer))
      isAllowed = answer.decision !== 'denied'
    }
    if (isAllowed) addVisit(data)
    return isAllowed
  }
}

/** Asks a source. A source that fails has no answer. */
function withSource(name: string, ask: () => Poll): Poll {
  const safely = <T>(run: () => T): T | undefined => {
    try {
      return run()
    } catch {
      return undefined
    }
  }
  const poll = safely(ask)
  return () => {
    const answer = poll && safely(poll)
    return answer && { source: name, ...answer }
  }
}

/** Returns the decision of all sources together: an objection to one counts, and all must have an answer else. */
function decisionOf(answers: (Answer | undefined)[]): Answer | undefined {
  const first = (decision: Answer['decision']): Answer | undefined =>
    answers.find((each) => each?.decision === decision)
  const denied = first('denied')
  if (denied || answers.includes(undefined)) return denied
  return first('granted') ?? first('not-required')
}

/** Returns a time in UTC, to the second; undefined if it is none. */
function isoTime(time: Answer['time']): string | undefined {
  const date = new Date(time ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace(/\.\d+/, '')
}
