/** Names the parts of a visitor's decision about tracking that a form can write into attributes. Has no logic. */

/** What was decided, who has told it, when, and the teller's own record. */
export const CONSENT_PARTS = ['decision', 'source', 'time', 'detail'] as const

export type ConsentPart = (typeof CONSENT_PARTS)[number]

/** Maximum length of each part, in characters. */
export const MAX_CONSENT_LENGTH: Readonly<Record<ConsentPart, number>> = {
  decision: 12,
  source: 64,
  time: 20,
  detail: 2_000,
}
