/** What must hold under a flood and under slow senders. Pure. */
import type { AnswersReport } from './answers.ts'
import type { FloodReport } from './run.ts'
import type { SlowReport } from './slow.ts'

/** Maximum time until Marketo has a visitor's lead, in ms. */
const DELIVERED_WITHIN_MS = 60_000

/** Maximum time of a visitor's reply while slow senders fill the connections, in ms: the machine is busy with them. */
const ANSWERED_WITHIN_MS = 60_000

const MAX_MEMORY_MB = 256

/** Returns the checks that do not hold. */
export function brokenBy({ floods, calls, discarded, missing }: FloodReport): string[] {
  return [
    ...floods.flatMap(({ name, visitors, deliveredMs }) => [
      ...(visitors.every((status) => status === 202)
        ? []
        : [`${name}: a visitor was not accepted: ${visitors.join(' ')}`]),
      ...(deliveredMs <= DELIVERED_WITHIN_MS ? [] : [`${name}: a visitor's lead took ${deliveredMs} ms`]),
    ]),
    ...(calls.today <= calls.of / 2 ? [] : [`${calls.today} of ${calls.of} calls of the day were used`]),
    ...(discarded > 0 ? [] : ['the discard removed nothing']),
    ...(missing === 0 ? [] : [`the discard removed ${missing} visitors`]),
  ]
}

/** Returns the checks on slow senders that do not hold. */
export function brokenBySlow({ visitors, longestMs, peakMB }: SlowReport): string[] {
  return [
    ...(visitors.every((status) => status === 202) ? [] : [`slow: a visitor was not accepted: ${visitors.join(' ')}`]),
    ...(longestMs <= ANSWERED_WITHIN_MS ? [] : [`slow: a visitor waited for ${longestMs} ms`]),
    ...(peakMB <= MAX_MEMORY_MB ? [] : [`slow: the relay had ${peakMB.toFixed(0)} MB`]),
  ]
}

/** Ratio of the slowest kind of reply to the fastest one, beyond which the time tells them apart. */
const MAX_TIME_RATIO = 2

/** Returns what tells a post from another by its reply. */
export function brokenByAnswers({ replies, medians }: AnswersReport): string[] {
  const kinds = Object.entries(replies)
  const first = kinds[0]?.[1].toSorted().join('\n')
  const times = Object.values(medians)
  const ratio = Math.max(...times) / Math.min(...times)
  return [
    ...kinds
      .filter(([, own]) => own.toSorted().join('\n') !== first)
      .map(([kind]) => `the reply to a post that is ${kind} differs`),
    ...(ratio <= MAX_TIME_RATIO ? [] : [`the time of a reply differs by a factor of ${ratio.toFixed(1)}`]),
  ]
}
