/**
 * Follows a consent tool with the API of the IAB's Transparency and Consent Framework 2.2, which tells its listeners of each
 * change. It is asked for purposes, and for the vendors that the page names.
 */
import type { Answer, Tool } from './answer.ts'

/** The part of the specified `TCData` that is read. Without the GDPR it has `gdprApplies` alone. */
interface TcData {
  gdprApplies?: boolean
  eventStatus?: 'tcloaded' | 'cmpuishown' | 'useractioncomplete'
  tcString?: string
  purpose?: { consents: Record<string, boolean> }
  vendor?: { consents: Record<string, boolean> }
  publisher?: { restrictions?: Record<string, Record<string, number>> }
}

type Listener = (data: TcData | null, success: boolean) => void

declare global {
  interface Window {
    /** The tool, or its stub, which keeps calls for it. */
    __tcfapi?: (command: 'addEventListener', version: 2, listener: Listener) => void
  }
}

export const tcf: Tool = {
  label: 'a consent tool of the TCF (__tcfapi)',
  // To store and read on a device, and to create profiles.
  categories: ['1', '3'],
  isPresent: () => typeof window.__tcfapi === 'function',
  follow(categories) {
    let answer: Answer | undefined
    let asked: Window['__tcfapi']
    return () => {
      const api = window.__tcfapi
      if (typeof api === 'function' && api !== asked) {
        // A tool that takes the place of its stub is told again.
        asked = api
        api('addEventListener', 2, (data, success) => {
          if (success && data) answer = answerOf(data, categories) ?? answer
        })
      }
      return answer
    }
  },
}

/** Type of a publisher's restriction that forbids a purpose to a vendor. */
const NOT_ALLOWED = 0

/**
 * Returns the decision; undefined while the visitor is asked.
 *
 * @param categories ids of purposes, and of vendors with a `v` before: `1`, `v264`
 */
function answerOf(data: TcData, categories: string[]): Answer | undefined {
  const { gdprApplies, eventStatus, tcString, purpose, vendor, publisher } = data
  if (gdprApplies === false) return { decision: 'not-required', detail: 'gdprApplies=false' }
  if (eventStatus !== 'tcloaded' && eventStatus !== 'useractioncomplete') return undefined
  const purposes = categories.filter((id) => !id.startsWith('v'))
  const vendors = categories.filter((id) => id.startsWith('v')).map((id) => id.slice(1))
  const isGranted =
    purposes.every((id) => purpose?.consents[id] === true) &&
    vendors.every((id) => vendor?.consents[id] === true) &&
    purposes.every((id) => vendors.every((each) => publisher?.restrictions?.[id]?.[each] !== NOT_ALLOWED))
  return { decision: isGranted ? 'granted' : 'denied', time: lastUpdated(tcString), detail: tcString }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Reads the time of the last change from a TC string: a number of 36 bits, in tenths of a second, in characters 8 to 13. */
function lastUpdated(tcString = ''): number | undefined {
  let time = 0
  for (const digit of tcString.slice(7, 13)) time = time * 64 + DIGITS.indexOf(digit)
  return tcString.length < 13 ? undefined : time * 100
}
