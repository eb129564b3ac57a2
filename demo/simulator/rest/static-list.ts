/**
 * Finds the static lists by their REST ids. Changes nothing.
 *
 * Chosen: the ids count from 1001, in the order of the lists.
 */
import type { Marketo } from '../marketo.ts'
import { RestError } from './errors.ts'

const FIRST_ID = 1_001
/** The lists of the simulator are as old as its fields. */
const CREATED_AT = '2026-01-15T09:00:00Z'

export interface ListOutput {
  id: number
  name: string
  workspaceName: string
  createdAt: string
  updatedAt: string
}

export function allLists({ lists }: Marketo): ListOutput[] {
  return lists.view().map(({ name }, index) => ({
    id: FIRST_ID + index,
    name,
    workspaceName: 'Default',
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
  }))
}

/** @throws RestError 1013 if there is no such list */
export function findList(marketo: Marketo, id: string | undefined): { list: ListOutput; members: Set<number> } {
  const list = allLists(marketo).find((candidate) => candidate.id === Number(id))
  const members = list && marketo.lists.members(list.name)
  if (!list || !members) throw new RestError('1013')
  return { list, members }
}
