/** The checks of a run, in the order of the report. */
import { checkBatches, checkMerges, checkOverlaps } from './batches.ts'
import { checkConcurrency, checkDay, checkRate, checkRefusals } from './calls.ts'
import type { CheckResult, Evidence } from './evidence.ts'
import { checkContents } from './contents.ts'
import { checkKept } from './kept.ts'
import { checkLastAnswer, checkOrder, checkSequence } from './order.ts'
import { checkParked } from './parked.ts'
import { checkIds, checkPeople, checkUnexpectedValues } from './unexpected-writes.ts'
import { checkVisitors } from './visitors.ts'
import { checkWaits } from './waits.ts'

const CHECKS = [
  checkKept,
  checkContents,
  checkLastAnswer,
  checkOrder,
  checkSequence,
  checkBatches,
  checkMerges,
  checkOverlaps,
  checkVisitors,
  checkWaits,
  checkParked,
  checkPeople,
  checkUnexpectedValues,
  checkIds,
  checkRate,
  checkConcurrency,
  checkDay,
  checkRefusals,
]

export function runChecks(evidence: Evidence): CheckResult[] {
  return CHECKS.map((check) => check(evidence))
}
