import { describe, expect, it } from 'vitest'
import { compareAnswers } from './answers.ts'
import { brokenBy, brokenByAnswers, brokenBySlow } from './checks.ts'
import type { FloodReport } from './run.ts'
import type { SlowReport } from './slow.ts'

const FLOOD = { name: 'fast', sent: 1, seconds: 1, replies: {}, visitors: [202], repliedMs: 1, deliveredMs: 1 }
const GOOD: FloodReport = {
  floods: [FLOOD],
  calls: { today: 2_500, of: 5_000 },
  discarded: 1,
  left: 1,
  missing: 0,
}
const SLOW: SlowReport = { opened: 1, visitors: [202], longestMs: 1, peakMB: 200 }

describe('what must hold in a flood', () => {
  it('holds for a run in which all is well', () => {
    expect([...brokenBy(GOOD), ...brokenBySlow(SLOW)]).toEqual([])
  })

  it.each<[string, Partial<FloodReport>]>([
    ['a visitor who is refused', { floods: [{ ...FLOOD, visitors: [202, 429] }] }],
    ['a visitor whose lead does not reach Marketo', { floods: [{ ...FLOOD, deliveredMs: Infinity }] }],
    ['a flood that uses the calls of the day', { calls: { today: 2_501, of: 5_000 } }],
    ['a discard that leaves the flood', { discarded: 0 }],
    ['a discard that removes a visitor', { missing: 1 }],
  ])('is broken by %s', (_, over) => {
    expect(brokenBy({ ...GOOD, ...over })).toHaveLength(1)
  })

  it.each<[string, Partial<SlowReport>]>([
    ['a visitor without a reply', { visitors: [202, 0] }],
    ['a visitor who waits for minutes', { longestMs: 60_001 }],
    ['a relay that takes too much memory', { peakMB: 257 }],
  ])('is broken under slow senders by %s', (_, over) => {
    expect(brokenBySlow({ ...SLOW, ...over })).toHaveLength(1)
  })
})

it('the reply has the same status, bytes and header fields for a lead that is new, known, sent again, held or dropped', async () => {
  const { replies } = await compareAnswers(3)

  expect(Object.keys(replies)).toHaveLength(5)
  expect(brokenByAnswers({ replies, medians: { new: 1 } })).toEqual([])
}, 60_000)

it('a reply that differs in a byte or in its time tells leads apart', () => {
  const replies = { new: ['202'], held: ['202 '] }

  expect(brokenByAnswers({ replies, medians: { new: 1, held: 2 } })).toEqual([
    'the reply to a post that is held differs',
  ])
  expect(brokenByAnswers({ replies: { new: [''] }, medians: { new: 1, held: 3.1 } })).toHaveLength(1)
})
