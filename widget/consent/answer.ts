/** Defines a visitor's decision about tracking, and what tells it: a consent tool of the page, or the page itself. Has no logic. */

/** `not-required`: nobody has to be asked, because of where the visitor is, or because there is no objection. */
export type Decision = 'granted' | 'denied' | 'not-required'

export interface Answer {
  decision: Decision
  /** Name of what has told it. */
  source?: string
  /** When the visitor decided, in epoch ms. The first time that the widget has seen the decision, if it is left out. */
  time?: number | Date | undefined
  /** The source's own record of the decision, such as a TC string; at most 2,000 characters. */
  detail?: string | undefined
}

/** What a page may tell: nothing, where the visitor has not decided yet. */
export type Told = Answer | Decision | boolean | null | undefined

/**
 * The property `consent`: names of sources, with spaces between, and categories of a tool after a colon (`gpc tcf:1,3`); a
 * decision; or a function that is asked when the form is sent.
 */
export type ConsentSetting = string | Answer | (() => Told | PromiseLike<Told>)

/** Returns what is known now; undefined as long as the visitor has not decided. */
export type Poll = () => Answer | undefined

/** A consent tool. */
export interface Tool {
  /** Name of the tool in messages. */
  label: string
  /** Categories that the visitor must have agreed to, where the page names none. */
  categories: string[]
  /** Returns whether the page has the tool. */
  isPresent: () => boolean
  /** Begins to follow the decisions about the categories. The result may throw. */
  follow: (categories: string[]) => Poll
}
