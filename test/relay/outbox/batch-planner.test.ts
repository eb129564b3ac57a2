import { describe, expect, it } from 'vitest'
import {
  emptyLoad,
  loaded,
  mergeable,
  refusedPart,
  isBatchable,
  union,
  without,
  withAttempt,
  type Load,
} from '../../../relay/outbox/batching.ts'
import { lead, T } from '../../suites/outbox/leads.ts'

const full = lead('a', {
  cookie: 'c',
  workspace: 'w',
  notes: ['a note'],
  attributes: ['A', 'B', 'C'].map((name) => ({ name, value: `${name}!` })),
})
const namesOf = ({ attributes }: { attributes: { name: string }[] }) => attributes.map(({ name }) => name)

describe('which leads go together', () => {
  it.each([
    ['neither', {}, true],
    ['a cookie', { cookie: 'c' }, false],
    ['an empty cookie', { cookie: '' }, false],
    ['a workspace', { workspace: 'w' }, false],
    ['both', { cookie: 'c', workspace: 'w' }, false],
  ])('with those of others: one with %s', (_, over, expected) => {
    expect(isBatchable(lead('a', over))).toBe(expected)
  })

  it.each([
    ['nothing and nothing', {}, {}, true],
    ['the same cookie', { cookie: 'c' }, { cookie: 'c' }, true],
    ['a cookie and none', { cookie: 'c' }, {}, false],
    ['no cookie and an empty one', {}, { cookie: '' }, false],
    ['two workspaces', { workspace: 'w' }, { workspace: 'x' }, false],
    ['one cookie and two workspaces', { cookie: 'c', workspace: 'w' }, { cookie: 'c', workspace: 'x' }, false],
    ['the same of both', { cookie: 'c', workspace: 'w' }, { cookie: 'c', workspace: 'w' }, true],
  ])('of one person, with %s', (_, one, other, expected) => {
    expect(mergeable(lead('a', one), lead('b', other))).toBe(expected)
    expect(mergeable(lead('b', other), lead('a', one))).toBe(expected)
  })
})

describe('how full a call may become', () => {
  function fill(leadsPerCall: number, ...leads: [size: number, share: number | null][]): number {
    let load: Load | undefined = emptyLoad(leadsPerCall)
    for (const [at, [size, share]] of leads.entries()) {
      load = loaded(load, size, share)
      if (!load) return at
    }
    return leads.length
  }

  it.each<[string, number, [number, number | null][], number]>([
    ['as many leads as it may carry', 3, Array.from({ length: 9 }, () => [1, null]), 3],
    [
      'as few as the one that shares with fewest',
      9,
      [
        [1, 5],
        [1, 3],
        [1, 4],
        [1, 9],
      ],
      3,
    ],
    [
      'none that shares with fewer than are in it',
      9,
      [
        [1, null],
        [1, null],
        [1, 2],
      ],
      2,
    ],
    [
      'one that goes alone',
      9,
      [
        [1, 1],
        [1, null],
      ],
      1,
    ],
    [
      'no more than there is room for, whatever a lead would share',
      2,
      [
        [1, 30],
        [1, 30],
        [1, 30],
      ],
      2,
    ],
    [
      'half a million characters',
      9,
      [
        [250_000, null],
        [250_000, null],
        [1, null],
      ],
      2,
    ],
    [
      'not a character more',
      9,
      [
        [250_000, null],
        [250_001, null],
      ],
      1,
    ],
    [
      'one lead that has more',
      9,
      [
        [900_000, null],
        [1, null],
      ],
      1,
    ],
    [
      'one lead, whatever the limit',
      0,
      [
        [1, null],
        [1, null],
      ],
      1,
    ],
  ])('it carries %s', (_, leadsPerCall, leads, expected) => {
    expect(fill(leadsPerCall, ...leads)).toBe(expected)
  })
})

describe('what of a lead travels', () => {
  it('is all but what is left out', () => {
    expect(namesOf(without(full, ['A'], ['C', 'Z']))).toEqual(['B'])
    expect(without(full, [], [])).toEqual(full)
    expect(namesOf(without(full, ['A', 'B'], ['C']))).toEqual([])
    expect(namesOf(full)).toEqual(['A', 'B', 'C'])
  })

  it('and what does not: the refused attributes, with who they are of, and no cookie', () => {
    const { cookie: _, ...rest } = full

    expect(refusedPart(full, ['C', 'Z', 'A'])).toStrictEqual({
      ...rest,
      attributes: [
        { name: 'A', value: 'A!' },
        { name: 'C', value: 'C!' },
      ],
    })
    expect(refusedPart(full, [])).toStrictEqual({ ...rest, attributes: [] })
    expect(full.cookie).toBe('c')
  })
})

describe('a history', () => {
  it('tells attempts in a row that came to the same as one', () => {
    const reasons = ['busy', 'busy', 'no', 'busy']

    const history = reasons.reduce(
      (known, reason, at) => withAttempt(known, reason, T + at),
      [] as ReturnType<typeof withAttempt>,
    )

    expect(history).toEqual([
      { reason: 'busy', times: 2, first: T, last: T + 1 },
      { reason: 'no', times: 1, first: T + 2, last: T + 2 },
      { reason: 'busy', times: 1, first: T + 3, last: T + 3 },
    ])
  })

  it('leaves the one it goes on from as it was', () => {
    const before = [{ reason: 'busy', times: 1, first: T, last: T }]

    withAttempt(before, 'busy', T + 1)

    expect(before).toEqual([{ reason: 'busy', times: 1, first: T, last: T }])
  })
})

it('names are told once, in the order they came', () => {
  expect(union(['B', 'A'], ['C', 'A', 'C', 'D'])).toEqual(['B', 'A', 'C', 'D'])
})
