/** The checks of a run, in the order of the report. */
import { checkBatches, checkMerges, checkOverlaps } from './batches.ts'
import { checkConcurrency, checkDay, checkRate, checkRefusals } from './calls.ts'
import type { CheckResult, Evidence } from './evidence.ts'
import { checkKept } from './kept.ts'
import { checkLastAnswer, checkOrder, checkSequence } from './order.ts'
import { checkIds, checkPeople, checkUnexpectedValues } from './unexpected-writes.ts'

const CHECKS = [
  checkKept,
  checkLastAnswer,
  checkOrder,
  checkSequence,
  checkBatches,
  checkMerges,
  checkOverlaps,
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
