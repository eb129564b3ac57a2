/** All that is asked of a run. */
import { judgeAtOnce, judgeDay, judgeOverlaps, judgeRate, judgeRefusals } from './calls.ts'
import type { Evidence, Verdict } from './evidence.ts'
import { judgeKept } from './kept.ts'
import { judgeLastAnswer, judgeOrder } from './order.ts'
import { judgeIds, judgePeople, judgeStrangers } from './unexpected-writes.ts'

const QUESTIONS = [
  judgeKept,
  judgeLastAnswer,
  judgeOrder,
  judgeOverlaps,
  judgePeople,
  judgeStrangers,
  judgeIds,
  judgeRate,
  judgeAtOnce,
  judgeDay,
  judgeRefusals,
]

/** The answers, in their order. */
export function judge(evidence: Evidence): Verdict[] {
  return QUESTIONS.map((question) => question(evidence))
}
