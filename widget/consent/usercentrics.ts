/**
 * Follows Usercentrics: version 3 (`__ucCmp`), or else version 2 (`UC_UI`). Version 3 answers by promises, so that it is asked
 * anew at each of its events, and the last answer can be read at once.
 */
import type { Answer, Poll, Tool } from './answer.ts'

/** The part of version 3's `ConsentDetails` that is read. */
interface Details {
  consent: { type: 'EXPLICIT' | 'IMPLICIT'; required: boolean; updatedAt?: number }
  categories: Record<string, { state: 'ALL_ACCEPTED' | 'SOME_ACCEPTED' | 'ALL_DENIED' }>
}

/** A service in version 2. */
interface Service {
  categorySlug: string
  consent: { status: boolean; history?: { type: string }[] }
}

declare global {
  interface Window {
    __ucCmp?: { getConsentDetails: () => Promise<Details> }
    UC_UI?: {
      isInitialized: () => boolean
      isConsentRequired?: () => boolean
      getServicesBaseInfo?: () => Service[]
    }
  }
}

export const usercentrics: Tool = {
  label: 'Usercentrics',
  categories: ['marketing'],
  isPresent: () => typeof (window.__ucCmp?.getConsentDetails ?? window.UC_UI?.getServicesBaseInfo) === 'function',
  follow(categories) {
    const pollNew = followNew(categories)
    return () => {
      if (window.__ucCmp) return pollNew()
      const { UC_UI } = window
      return UC_UI?.getServicesBaseInfo && UC_UI.isInitialized() ? answerOfOld(UC_UI, categories) : undefined
    }
  },
}

function followNew(categories: string[]): Poll {
  let answer: Answer | undefined
  let asked = 0
  let answered = 0
  const take = (details: Details | undefined, turn: number): void => {
    // An answer that comes after a later one is out of date.
    if (turn < answered) return
    answered = turn
    answer = details?.consent && answerOfNew(details, categories)
  }
  const ask = async (): Promise<void> => {
    const turn = ++asked
    take(await window.__ucCmp?.getConsentDetails(), turn)
  }
  // A tool that fails is asked again later.
  const askSafely = (): void => void ask().catch(() => {})
  for (const event of ['UC_UI_INITIALIZED', 'UC_UI_CMP_EVENT']) window.addEventListener(event, askSafely)
  // This event has the details, so that they count for a form that is sent at once.
  window.addEventListener('UC_CONSENT', (event) => take((event as CustomEvent<Details>).detail, ++asked))
  return () => {
    if (!answer) askSafely()
    return answer
  }
}

function answerOfNew({ consent, categories: all }: Details, categories: string[]): Answer | undefined {
  const isExplicit = consent.type === 'EXPLICIT'
  if (!isExplicit && consent.required) return undefined
  const isGiven = categories.every((category) => all[category]?.state === 'ALL_ACCEPTED')
  const detail = categories.map((category) => `${category}=${all[category]?.state}`).join(' ')
  return { decision: decisionOf(isGiven, isExplicit), time: consent.updatedAt, detail }
}

function answerOfOld(tool: NonNullable<Window['UC_UI']>, categories: string[]): Answer | undefined {
  const services = tool.getServicesBaseInfo!()
  const isExplicit = services.some(({ consent }) => consent.history?.some(({ type }) => /^explicit$/i.test(type)))
  if (!isExplicit && tool.isConsentRequired?.() !== false) return undefined
  const ofCategory = (category: string): Service[] => services.filter(({ categorySlug }) => categorySlug === category)
  const isGiven = categories.every(
    (category) => ofCategory(category).length > 0 && ofCategory(category).every(({ consent }) => consent.status),
  )
  return { decision: decisionOf(isGiven, isExplicit) }
}

function decisionOf(isGiven: boolean, isExplicit: boolean): Answer['decision'] {
  if (!isGiven) return 'denied'
  return isExplicit ? 'granted' : 'not-required'
}
