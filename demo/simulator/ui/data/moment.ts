/** Finds the moment at which a person became known, and the visits that it joined. Pure. */
import type { PersonView } from '../../view.ts'
import { pageName } from './names.ts'

export interface Moment {
  at: string
  /** Number of the call that made the person known. */
  call: number
  /** Number of visits before the moment. */
  visits: number
  /** Time from the first visit to the moment, in ms. */
  backMs: number
  /** Name of the first page. Undefined without a visit. */
  page: string | undefined
}

/** Moments by person, found once, because person objects are immutable. */
const moments = new WeakMap<PersonView, Moment | null>()

/** Returns undefined if the person did not become known here: a visitor, or a person whom a program created. */
export function momentOf(person: PersonView): Moment | undefined {
  const found = moments.get(person)
  if (found !== undefined) return found ?? undefined
  const moment = findMoment(person)
  moments.set(person, moment ?? null)
  return moment
}

function findMoment({ activities }: PersonView): Moment | undefined {
  const index = activities.findIndex((activity) => activity.type === 'known')
  const known = activities[index]
  if (known?.type !== 'known') return undefined
  const visits = activities.slice(0, index).filter((activity) => activity.type === 'visit')
  const [first] = visits
  return {
    at: known.at,
    call: known.call,
    visits: visits.length,
    backMs: first ? Math.max(0, Date.parse(known.at) - Date.parse(first.at)) : 0,
    page: first && pageName(first),
  }
}
