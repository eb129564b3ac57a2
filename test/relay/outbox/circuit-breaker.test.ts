import { describe, expect, it } from 'vitest'
import {
  breakerAfter,
  retryAtOf,
  probing,
  breakerStatus,
  clampBreaker,
  type Breaker,
} from '../../../relay/outbox/circuit-breaker.ts'
import type { Outcome } from '../../../relay/outbox/outbox.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const HOUR = 3_600 * SECOND
const END = T + 60 * SECOND

const DELIVERED: Outcome = { kind: 'delivered', leadId: 7 }
const PARKED: Outcome = { kind: 'parked', reason: 'no' }
const RETRY: Outcome = { kind: 'retry', dueAt: T, reason: 'busy' }
const AGAIN: Outcome = { kind: 'again', dueAt: T, reason: 'busy' }
const LIMITED: Outcome = { kind: 'limited', limit: 'rate', until: T, reason: 'busy' }

function halted(until: number, reason = 'no answer', blocked = false): Outcome {
  return { kind: 'halted', until, reason, blocked }
}

/** A halt whose probe is call 5. */
const PROBED: Breaker = { until: T, reason: 'no answer', blocked: false, passed: 1, probe: { call: 5, until: END } }

describe('a halt', () => {
  it('begins with a call that came to one', () => {
    expect(breakerAfter(undefined, 1, [DELIVERED, halted(END), RETRY])).toEqual({
      until: END,
      reason: 'no answer',
      blocked: false,
      passed: 0,
      probe: undefined,
    })
  })

  it('does not begin with anything else', () => {
    expect(breakerAfter(undefined, 1, [DELIVERED, RETRY, PARKED, AGAIN, LIMITED])).toBeUndefined()
    expect(breakerAfter(undefined, 1, [])).toBeUndefined()
  })

  it('is the longest of those of one call, and of those that stand', () => {
    const after = breakerAfter(undefined, 1, [halted(T), halted(END, 'bad key', true), halted(T + 1)])

    expect(after).toMatchObject({ until: END, reason: 'bad key', blocked: true })
    expect(breakerAfter(after, 2, [halted(END - 1)])).toMatchObject({ until: END, reason: 'bad key', blocked: true })
    expect(breakerAfter(after, 2, [halted(END)])).toMatchObject({ until: END, reason: 'no answer', blocked: false })
  })

  it('opens when its time is over, and once a probe is out, not before that is over', () => {
    const halt = breakerAfter(undefined, 1, [halted(END)])!

    expect(retryAtOf(halt)).toBe(END)
    expect(retryAtOf(probing(halt, 2, END + 1))).toBe(END + 1)
    expect(retryAtOf(probing(halt, 2, END - 1))).toBe(END)
  })

  it.each<[string, Outcome[], Breaker | undefined]>([
    ['delivered', [DELIVERED], { ...PROBED, passed: 2, probe: undefined }],
    ['parked', [PARKED], { ...PROBED, passed: 2, probe: undefined }],
    ['delivered in part', [RETRY, DELIVERED], { ...PROBED, passed: 2, probe: undefined }],
    ['retried', [RETRY], { ...PROBED, probe: undefined }],
    ['to go again', [AGAIN], { ...PROBED, probe: undefined }],
    ['limited', [LIMITED], { ...PROBED, probe: undefined }],
    ['nothing that was told', [], { ...PROBED, probe: undefined }],
    [
      'halted again',
      [halted(END, 'bad key', true)],
      { until: END, reason: 'bad key', blocked: true, passed: 0, probe: undefined },
    ],
  ])('goes on where its probe was %s', (_, outcomes, expected) => {
    expect(breakerAfter(PROBED, 5, outcomes)).toEqual(expected)
  })

  it.each<[string, Outcome[], Breaker | undefined]>([
    ['delivered', [DELIVERED], PROBED],
    [
      'halted, for longer',
      [halted(END, 'bad key', true)],
      { ...PROBED, until: END, reason: 'bad key', blocked: true, passed: 0 },
    ],
  ])('keeps its probe where another call was %s', (_, outcomes, expected) => {
    expect(breakerAfter(PROBED, 4, outcomes)).toEqual(expected)
  })

  it('is over when three probes in a row have got through', () => {
    let halt = breakerAfter(undefined, 1, [halted(T)])
    const standing: boolean[] = []
    for (const call of [2, 3, 4]) {
      halt = breakerAfter(probing(halt!, call, END), call, [DELIVERED])
      standing.push(halt !== undefined)
    }

    expect(standing).toEqual([true, true, false])
  })

  it('is told until a probe has got through', () => {
    expect(breakerStatus(undefined)).toEqual({})
    expect(breakerStatus({ ...PROBED, passed: 0 })).toEqual({
      halt: { reason: 'no answer', until: END, blocked: false },
    })
    expect(breakerStatus(PROBED)).toEqual({})
  })

  it('lasts no longer, once the clock was set back, than one that began now could', () => {
    const halt: Breaker = { ...PROBED, until: T + 3 * HOUR, probe: { call: 5, until: T + 3 * HOUR } }

    expect(clampBreaker(halt, T, END)).toEqual({ ...halt, until: T + 2 * HOUR, probe: { call: 5, until: END } })
    expect(clampBreaker(PROBED, T, END)).toEqual(PROBED)
    expect(clampBreaker({ ...halt, probe: undefined }, T, END).probe).toBeUndefined()
  })
})
