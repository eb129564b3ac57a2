/**
 * Visitors who fill in forms and post them by the widget's own `send`, which sends again with the same id.
 *
 * Some requests are aborted before the answer, some answers are lost on the way, some visitors press the button twice,
 * and some give up.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Globals } from '../../widget/globals.ts'
import { send } from '../../widget/submit/send.ts'
import { uuidv7 } from '../../widget/submit/submission-id.ts'
import { chanceOf, type Chance } from './chance.ts'
import type { Journal } from './journal.ts'
import { associates, ORIGIN, type Content, type PlannedSubmission, type Visit } from './plan.ts'

export interface VisitorsOptions {
  seed: number
  /** Addresses of the relays. Each request goes to one of them. */
  relays: readonly string[]
  visits: readonly Visit[]
  journal: Journal
  /** Number of visitors at once. */
  clients: number
  /** Returns true when no more visits are to begin. */
  isOver: () => boolean
}

/** Timeout of one request, in ms. */
const REQUEST_TIMEOUT_MS = 2_000

/** Factor by which the pauses between two requests are shorter than in the widget. */
const PAUSE_DIVISOR = 8

/** Makes the visits. Resolves when the last one is over. */
export async function makeVisits(options: VisitorsOptions): Promise<void> {
  const { visits, clients, isOver } = options
  const startedAt = performance.now()
  const queue = visits.entries()
  const client = async () => {
    for (const [number, visit] of queue) {
      const early = visit.at - (performance.now() - startedAt)
      if (early > 0) await sleep(early)
      if (isOver()) return
      await makeVisit(visit, chanceOf(options.seed, 'visit', number), options)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

async function makeVisit(visit: Visit, chance: Chance, options: VisitorsOptions): Promise<void> {
  for (const planned of visit.submissions) {
    await sleep(planned.pause)
    const ownId = uuidv7(
      Date.now(),
      Uint8Array.from({ length: 16 }, () => chance.between(0, 255)),
    )
    const id = planned.id ?? ownId
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

/** Presses the button once, which makes up to three requests. */
async function post(
  id: string,
  { cookie }: Visit,
  { form, person }: PlannedSubmission,
  content: Content,
  chance: Chance,
  { relays, journal }: VisitorsOptions,
) {
  const body = new URLSearchParams({ ...content.fields, _id: id, ...(cookie && { _visitor: cookie }) })
  const world: Globals = {
    async fetch(_, init) {
      journal.sent(id, person, content, associates(form) ? cookie : undefined)
      const isAborted = chance.happens(0.02)
      const losesAnswer = chance.happens(0.03)
      const signal = isAborted ? AbortSignal.timeout(chance.between(0, 30)) : init.signal!
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
        journal.failed(isAborted ? 'aborted by the visitor' : nameOf(error))
        throw error
      }
      if (response.status === 202) journal.accepted(id, content, idIn(answer))
      else journal.failed(`HTTP ${response.status}`)
      if (losesAnswer) {
        journal.failed('answer lost on the way')
        throw new TypeError('answer lost on the way')
      }
      return new Response(answer, { status: response.status, headers: response.headers })
    },
    wait: (milliseconds) => sleep(milliseconds / PAUSE_DIVISOR),
    id: () => id,
    random: chance.random,
    timeout: REQUEST_TIMEOUT_MS,
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

function nameOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const { code, name } = cause as { code?: string; name: string }
  return typeof code === 'string' ? code : name
}
