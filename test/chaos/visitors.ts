/**
 * Visitors who fill in forms: they post by the widget's own `send`, so that they ask again as it does, with the same id.
 *
 * Some hang up before they hear an answer, some lose the answer on the way, some press twice, some give up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '../../widget/submit/submission-id.ts'
import { send } from '../../widget/submit/send.ts'
import type { Globals } from '../../widget/globals.ts'
import { chanceOf, type Chance } from './chance.ts'
import type { Journal } from './journal.ts'
import { ORIGIN, type Content, type Planned, type Visit } from './plan.ts'

export interface VisitorsOptions {
  seed: number
  /** The relays' addresses: each request goes to one of them. */
  relays: readonly string[]
  visits: readonly Visit[]
  journal: Journal
  /** How many are at it at once. */
  clients: number
  /** Milliseconds after which no visit begins. */
  duration: number
}

/** A visitor gives up on a try after so many milliseconds, and waits this many times less than a real one. */
const PATIENCE = 2_000
const HASTE = 8

/** Lets them come. Resolves when the last has gone. */
export async function letThemCome(options: VisitorsOptions): Promise<void> {
  const { visits, clients, duration } = options
  const began = performance.now()
  const waiting = visits.entries()
  const client = async () => {
    for (const [number, visit] of waiting) {
      const early = visit.at - (performance.now() - began)
      if (early > 0) await sleep(early)
      if (performance.now() - began > duration) return
      await comeBy(visit, chanceOf(options.seed, 'visit', number), options)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

async function comeBy(visit: Visit, chance: Chance, options: VisitorsOptions): Promise<void> {
  for (const planned of visit.submissions) {
    await sleep(planned.pause)
    const id = uuidv7(
      Date.now(),
      Uint8Array.from({ length: 16 }, () => chance.between(0, 255)),
    )
    const press = async (content: Content) => {
      for (let presses = 0; presses < planned.presses; presses += 1) {
        const outcome = await post(id, visit, planned, content, chance, options)
        if (outcome.kind === 'sent') return
      }
    }
    const [first, second = first] = planned.contents as [Content, Content?]
    const both = planned.twice || second !== first
    await Promise.all(both ? [press(first), sleep(chance.between(0, 20)).then(() => press(second))] : [press(first)])
  }
}

/** One press of the button: up to three requests. */
async function post(
  id: string,
  { person, cookie }: Visit,
  { form, contents }: Planned,
  { fields }: Content,
  chance: Chance,
  { relays, journal }: VisitorsOptions,
) {
  const body = new URLSearchParams({ ...fields, _id: id, ...(cookie && { _visitor: cookie }) })
  const world: Globals = {
    async fetch(_, init) {
      journal.sent(id, person, contents)
      const hangsUp = chance.happens(0.02)
      const losesTheAnswer = chance.happens(0.03)
      const signal = hangsUp ? AbortSignal.timeout(chance.between(0, 30)) : init.signal!
      let response: Response
      let answer: string
      try {
        response = await fetch(`${chance.pick(relays)}/f/${form}`, {
          ...init,
          signal,
          headers: { ...(init.headers as Record<string, string>), origin: ORIGIN },
        })
        answer = await response.text()
      } catch (error) {
        journal.failed(hangsUp ? 'the visitor hung up' : whatOf(error))
        throw error
      }
      if (response.status === 202) journal.accepted(id, idIn(answer))
      else journal.failed(`HTTP ${response.status}`)
      if (losesTheAnswer) {
        journal.failed('the answer was lost on the way')
        throw new TypeError('the answer was lost on the way')
      }
      return new Response(answer, { status: response.status, headers: response.headers })
    },
    wait: (milliseconds) => sleep(milliseconds / HASTE),
    id: () => id,
    random: chance.random,
    timeout: PATIENCE,
    navigate: () => {},
  }
  return send('', body, world)
}

function idIn(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { id?: string }).id
  } catch {
    return undefined
  }
}

function whatOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code, name } = cause as { code?: string; name: string }
  return typeof code === 'string' ? code : name
}
