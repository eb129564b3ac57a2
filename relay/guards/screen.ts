/**
 * Asks all guards about a post, and decides by the settings of their rules what becomes of its lead: it is delivered, held for
 * an operator, or dropped. Nothing is decided in silence: each finding is reported.
 *
 * It holds no data of a post but the day of the last sample of each form and rule.
 */
import { settingOf, type RuleName } from '../config/rules.ts'
import type { Lead } from '../intake/lead.ts'
import type { Findings } from '../monitoring/findings.ts'
import type { ExaminedPost, Finding, Guard, ValidPost } from './guard.ts'
import { isSameLead } from './same-lead.ts'
import { withoutCookie } from './source-rate.ts'
import { typedTexts } from './typed-texts.ts'

/** What becomes of a post: the lead as it is to be stored, or not to be stored. The reply is the same. */
interface Screened {
  lead: Lead
  isDropped: boolean
}

/** Decides what becomes of a post. Never rejects. */
export type Screen = (post: ValidPost) => Promise<Screened>

export interface ScreenOptions {
  guards: readonly Guard[]
  findings: Findings
  /** Returns the lead that is stored under an id. */
  find: (id: string) => Promise<{ lead?: Lead } | undefined>
  /** Reports a guard that failed. */
  onFailure: (rule: RuleName, error: unknown) => void
}

/** A rule that has fired, and what happens to the lead for it. */
interface Fired extends Finding {
  rule: RuleName
  action: 'watch' | 'hold' | 'drop'
}

const DAY_MS = 86_400_000

/** Creates the screen. */
export function createScreen({ guards, findings, find, onFailure }: ScreenOptions): Screen {
  const sampledOn = new Map<string, number>()

  /** Returns the rules that fire, each once. */
  async function examine(post: ExaminedPost): Promise<Fired[]> {
    const fired = new Map<RuleName, Fired>()
    const asked = guards.flatMap(({ rule, examine: ask }) => {
      const setting = settingOf(post.form, rule)
      if (setting === 'off') return []
      const note = (finding: Finding | undefined) => {
        const action = finding?.atLeast ?? setting
        if (finding) fired.set(rule, { ...fired.get(rule), ...finding, rule, action })
      }
      try {
        const finding = ask(post)
        if (finding instanceof Promise) return [finding.then(note).catch((error: unknown) => onFailure(rule, error))]
        note(finding)
      } catch (error) {
        onFailure(rule, error)
      }
      return []
    })
    if (asked.length > 0) await Promise.all(asked)
    return [...fired.values()]
  }

  /** Returns whether the lead is stored already, perhaps without its cookie. */
  async function isStored({ submission, lead }: ExaminedPost): Promise<boolean> {
    if (!submission.extras.has('_id')) return false
    const stored = (await find(lead.id).catch(() => undefined))?.lead
    return isSameLead(stored, lead) || isSameLead(stored, withoutCookie(lead))
  }

  /** Returns whether the post is the first of its day that is dropped by the rule. */
  function isSample({ form, now }: ExaminedPost, rule: RuleName): boolean {
    const [key, day] = [`${form.name} ${rule}`, Math.floor(now / DAY_MS)]
    if (sampledOn.get(key) === day) return false
    sampledOn.set(key, day)
    return true
  }

  return async (posted) => {
    const { form, lead } = posted
    const post = { ...posted, texts: typedTexts(form, lead) }
    const fired = await examine(post)
    const isDelivered = fired.every(({ action }) => action === 'watch')
    // A post that is sent again is answered as before, whatever the rules say today. One that is delivered in any case is not
    // looked up: the store knows it.
    if (fired.length === 0 || (!isDelivered && (await isStored(post)))) {
      findings.passed(form.name)
      return { lead, isDropped: false }
    }
    findings.found(form.name, lead.id, fired)
    const weak = fired.filter((each) => each.weak)
    const marked = { ...lead, rules: fired.map(({ rule }) => rule) }
    const kept = weak.length === 0 ? marked : weaken(marked, weak)
    const dropping = fired.find(({ action }) => action === 'drop')
    if (dropping) {
      const { rule } = dropping
      return isSample(post, rule)
        ? { lead: { ...kept, hold: `sample of what the rule ${rule} drops` }, isDropped: false }
        : { lead: kept, isDropped: true }
    }
    const holding = fired.filter(({ action }) => action === 'hold')
    return { lead: holding.length > 0 ? { ...kept, hold: reasonOf(holding) } : kept, isDropped: false }
  }
}

function weaken(lead: Lead, fired: readonly Fired[]): Lead {
  const rules = fired.map(({ rule }) => rule).join(', ')
  return { ...withoutCookie(lead, `weak evidence (${rules})`), weak: true }
}

function reasonOf(holding: readonly Fired[]): string {
  return holding.map(({ rule, reason }) => (reason === undefined ? rule : `${rule}: ${reason}`)).join('; ')
}
