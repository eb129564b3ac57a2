/** The guards of posts, as a module that the Worker loads with the first post, so that no start waits for its code. */
import type { Config } from '../../config/config.ts'
import type { Guard } from '../../guards/guard.ts'
import { createGuards } from '../../guards/guards.ts'
import { createScreen, type Screen } from '../../guards/screen.ts'
import { createFindings, type Findings } from '../../monitoring/findings.ts'
import type { PostReports } from '../../monitoring/reported-posts.ts'
import type { Outbox } from '../../outbox/outbox.ts'
import { log } from './log.ts'

/**
 * Creates the screen of an isolate, and what it has found since the isolate began.
 *
 * @param count counts what became of a post, for all isolates
 */
export function createWorkerScreen(
  config: Pick<Config, 'forms' | 'testRules'>,
  { find }: Pick<Outbox, 'find'>,
  count: PostReports['add'],
  robots?: readonly Guard[],
): { screen: Screen; findings: Findings } {
  const own = createFindings({ now: Date.now, log })
  const findings: Findings = {
    ...own,
    passed(form) {
      own.passed(form)
      count({ kind: 'passed', form })
    },
    found(form, id, rules) {
      own.found(form, id, rules)
      count({ kind: 'found', form, rules: rules.map(({ rule, action }) => ({ rule, action })) })
    },
  }
  const onFailure = (rule: string, error: unknown) =>
    log({ event: 'error', where: `rule ${rule}`, reason: (error as Error).name })
  const [seed = 0] = crypto.getRandomValues(new Uint32Array(1))
  const loadDisposable = async () => (await import('./disposable-domains.ts')).DISPOSABLE_DOMAINS
  const guards = createGuards({ ...config, robots, seed, loadDisposable })
  return { screen: createScreen({ guards, findings, find, onFailure }), findings }
}
