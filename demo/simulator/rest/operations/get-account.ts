/** Implements the calls about the account: partitions, and what was used and went wrong today. Changes nothing. */
import type { Marketo } from '../../marketo.ts'
import { partitionNames } from '../../people/workspaces.ts'
import { API_USER } from '../identity.ts'
import type { Operation } from './operation.ts'

export const getPartitions: Operation = {
  name: 'getPartitions',
  method: 'GET',
  path: /^\/rest\/v1\/leads\/partitions\.json$/,
  run: ({ settings, people }) => {
    // Where any workspace exists, the partitions are those that have people.
    const used = settings.current.workspaces === 'any' ? people.all().map(({ partition }) => partition) : []
    const names = [...new Set([...partitionNames(settings.current), ...used])]
    return { result: names.map((name, index) => ({ id: index + 1, name })) }
  },
}

/** The calls of today include those of SOAP, because the quota is one. */
export const getUsage: Operation = {
  name: 'getUsage',
  method: 'GET',
  path: /^\/rest\/v1\/stats\/usage\.json$/,
  run: ({ limits }) => {
    const { day, today } = limits.state()
    return { result: [{ date: day, total: today, users: [{ userId: API_USER, count: today }] }] }
  },
}

export const getErrors: Operation = {
  name: 'getErrors',
  method: 'GET',
  path: /^\/rest\/v1\/stats\/errors\.json$/,
  run: ({ calls, limits }: Marketo) => {
    const { day } = limits.state()
    const counts = new Map<string, number>()
    for (const { api, code, arrivedAt } of calls.list()) {
      if (api !== 'rest' || code === null || !/^[67]\d\d$/.test(code) || limits.dayOf(arrivedAt) !== day) continue
      counts.set(code, (counts.get(code) ?? 0) + 1)
    }
    const errors = [...counts]
      .toSorted(([a], [b]) => Number(a) - Number(b))
      .map(([errorCode, count]) => ({ errorCode, count }))
    return { result: [{ date: day, total: errors.reduce((sum, { count }) => sum + count, 0), errors }] }
  },
}
