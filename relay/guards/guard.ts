/** The port of a guard, which looks for one thing in a post that only programs do, or that an operator wants to see. Types only. */
import type { Form } from '../config/forms.ts'
import type { RuleName } from '../config/rules.ts'
import type { Lead } from '../intake/lead.ts'
import type { Submission } from '../intake/submission.ts'
import type { TypedText } from './typed-texts.ts'

/** A post whose lead is valid, before it is stored. */
export interface ValidPost {
  form: Form
  /** The fields as they were posted, with those of the widget. */
  submission: Submission
  lead: Lead
  /** Origin of the page, which the form lists; undefined where the request names none. */
  page: string | undefined
  /** Network of the visitor; undefined where it is not known. */
  network: string | undefined
  /** Time of the request, in epoch ms. */
  now: number
}

/** A post as guards examine it. */
export interface ExaminedPost extends ValidPost {
  /** What the visitor has typed into the text fields. */
  texts: readonly TypedText[]
}

/** What a guard has found. */
export interface Finding {
  /** The lead loses its cookie, which would cost a call of its own, and is marked as weak. */
  weak?: true
  /** What was found, without a value that a visitor has typed. */
  reason?: string
  /** The lead is held whatever the setting of the rule, because its question could not be answered. */
  atLeast?: 'hold'
}

export interface Guard {
  /** The rule whose setting says what a finding means. With `off` the guard is not asked. */
  rule: RuleName
  /** Examines a post. A failure counts as no finding. A post that is sent again comes again, with the same id. */
  examine(post: ExaminedPost): Finding | undefined | Promise<Finding | undefined>
}
