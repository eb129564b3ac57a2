/** A screen of posts under test, with the guards that a test gives it. */
import type { Guard } from '../../relay/guards/guard.ts'
import { createScreen, type Screen } from '../../relay/guards/screen.ts'
import { createFindings, type Findings } from '../../relay/monitoring/findings.ts'
import type { LogEvent, Outbox } from '../../relay/index.ts'
import { NOW } from './relay.ts'

/** Creates a screen, and what it has found and logged. */
export function screenUnderTest(
  guards: readonly Guard[],
  { find }: Pick<Outbox, 'find'>,
  now = () => NOW,
): { screen: Screen; findings: Findings; events: LogEvent[]; failures: unknown[] } {
  const events: LogEvent[] = []
  const failures: unknown[] = []
  const findings = createFindings({ now, log: (event) => events.push(event) })
  const screen = createScreen({ guards, findings, find, onFailure: (rule, error) => failures.push([rule, error]) })
  return { screen, findings, events, failures }
}
