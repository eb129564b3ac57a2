/** Makes of the property `consent` the sources that tell the visitor's decision; it asks none of them itself. */
import type { Answer, ConsentSetting, Decision, Poll, Told, Tool } from './answer.ts'
import { cookiebot } from './cookiebot.ts'
import { google } from './google.ts'
import { gpc } from './gpc.ts'
import { onetrust } from './onetrust.ts'
import { tcf } from './tcf.ts'
import { usercentrics } from './usercentrics.ts'

const TOOLS = new Map<string, Tool>(Object.entries({ tcf, google, onetrust, cookiebot, usercentrics, gpc }))

const DECISIONS: readonly unknown[] = ['granted', 'denied', 'not-required'] satisfies Decision[]

export interface Source {
  /** Name that is sent with the decision. */
  name: string
  /** Asks anew; the result is polled until it has an answer. Both may throw. */
  ask: () => Poll
  /** Says what the developer has to do if there is no answer; undefined where nothing is wrong. */
  advice: () => string | undefined
}

/** Returns the sources of a setting. A name that there is not makes one that never has an answer. */
export function sourcesOf(setting: ConsentSetting): Source[] {
  if (typeof setting !== 'string') return [pageSource(typeof setting === 'function' ? setting : () => setting)]
  return setting.trim().split(/\s+/).map(sourceOf)
}

/** @param text the name of a tool with categories or without, or a decision: `tcf:1,3` */
function sourceOf(text: string): Source {
  const [name = '', categories] = text.split(':')
  const tool = TOOLS.get(name)
  if (!tool) {
    const allowed = [...DECISIONS, ...TOOLS.keys()].join(', ')
    return pageSource(() => text as Decision, `unknown consent "${text}"; allowed are ${allowed}, with spaces between.`)
  }
  const poll = tool.follow(categories ? categories.split(',') : tool.categories)
  return {
    name,
    ask: () => poll,
    advice: () =>
      tool.isPresent()
        ? undefined
        : `The element has consent="${text}", and the page does not have ${tool.label}. Load it, or change the attribute.`,
  }
}

/** @param advice what to do if the page tells something that is no decision */
function pageSource(tell: () => Told | PromiseLike<Told>, advice?: string): Source {
  return { name: 'page', ask: () => pollOf(tell()), advice: () => advice }
}

function pollOf(told: Told | PromiseLike<Told>): Poll {
  if (!isPromise(told)) return () => answerOf(told)
  let settled: Told
  told.then(
    (value) => (settled = value),
    // A function that fails tells nothing.
    () => {},
  )
  return () => answerOf(settled)
}

function answerOf(told: Told): Answer | undefined {
  const answer = typeof told === 'object' ? told : { decision: told }
  if (answer?.decision === true) return { decision: 'granted' }
  if (answer?.decision === false) return { decision: 'denied' }
  if (!answer || !DECISIONS.includes(answer.decision)) return undefined
  const { source, time, detail } = answer as Answer
  return {
    decision: answer.decision as Decision,
    time,
    ...(typeof source === 'string' && { source }),
    ...(typeof detail === 'string' && { detail }),
  }
}

function isPromise(told: Told | PromiseLike<Told>): told is PromiseLike<Told> {
  return typeof (told as Partial<PromiseLike<Told>> | null | undefined)?.then === 'function'
}
