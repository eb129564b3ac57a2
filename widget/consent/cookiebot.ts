/** Reads the decision that Cookiebot's script has stored. */
import type { Answer, Tool } from './answer.ts'

interface Cookiebot {
  /** `method` is `implied` where Cookiebot has agreed for the visitor, by the settings for their region. */
  consent: Record<string, boolean | string | null> & { method?: 'explicit' | 'implied' | null }
  consented: boolean
  declined: boolean
  hasResponse: boolean
  /** Time of the decision. */
  consentUTC?: Date | null
}

declare global {
  interface Window {
    Cookiebot?: Partial<Cookiebot>
  }
}

export const cookiebot: Tool = {
  label: 'Cookiebot',
  categories: ['marketing'],
  isPresent: () => typeof window.Cookiebot?.consent === 'object',
  follow: (categories) => () =>
    cookiebot.isPresent() ? answerOf(window.Cookiebot as Cookiebot, categories) : undefined,
}

function answerOf(tool: Cookiebot, categories: string[]): Answer | undefined {
  const { consent, consented, declined, hasResponse, consentUTC } = tool
  if (!hasResponse && !consented && !declined) return undefined
  const given = ['necessary', 'preferences', 'statistics', 'marketing'].filter((category) => consent[category] === true)
  const isGranted = categories.every((category) => given.includes(category))
  const decision = !isGranted ? 'denied' : consent.method === 'implied' ? 'not-required' : 'granted'
  return { decision, time: consentUTC ?? undefined, detail: given.join(',') }
}
