/**
 * The rules about posts: their names, what each may be set to and the default; and the reader of `"rules"` in the forms file.
 *
 * Pure. What a rule looks at is in `relay/guards/`.
 */
import type { AddIssue } from './forms.ts'

/**
 * What happens to a post that a rule meets. `off`: the rule is not asked. `watch`: the lead is delivered and the finding
 * reported. `hold`: the lead is kept for an operator. `drop`: the reply is the same, and nothing is stored but a sample.
 */
export type Setting = 'off' | 'watch' | 'hold' | 'drop'

/** The default setting of each rule. */
const DEFAULTS = {
  honeypot: 'hold',
  ticket: 'watch',
  'too-fast': 'watch',
  challenge: 'hold',
  links: 'watch',
  markup: 'watch',
  formula: 'watch',
  invisible: 'watch',
  disposable: 'watch',
  'free-mail': 'watch',
  'same-text': 'watch',
  'many-of-address': 'watch',
} as const satisfies Record<string, Setting>

export type RuleName = keyof typeof DEFAULTS

/** The settings that differ from the defaults. */
export type Rules = Partial<Record<RuleName, Setting>>

export const RULE_NAMES = Object.keys(DEFAULTS) as RuleName[]

/** Rules that meet what a program has done. What a person writes, and how often, proves no program: that is never dropped. */
const MAY_DROP: ReadonlySet<string> = new Set(['honeypot', 'ticket', 'too-fast', 'challenge'])

/** Returns what a form sets a rule to. */
export function settingOf({ rules }: { rules?: Rules }, rule: RuleName): Setting {
  return rules?.[rule] ?? DEFAULTS[rule]
}

/** Reads `"rules": { "links": "hold" }`. Problems go to `addIssue`. */
export function readRules(input: unknown, place: string, addIssue: AddIssue): Rules {
  if (input === undefined) return {}
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    addIssue(place, 'must be an object: {"links": "hold"}')
    return {}
  }
  const rules: Rules = {}
  for (const [name, setting] of Object.entries(input)) {
    const rule = RULE_NAMES.find((known) => known === name)
    if (!rule) addIssue(`${place}.${name}`, `there is no such rule; allowed are ${RULE_NAMES.join(', ')}`)
    else if (isSetting(setting, rule)) rules[rule] = setting
    else addIssue(`${place}.${name}`, problemWith(setting, rule))
  }
  return rules
}

function isSetting(setting: unknown, rule: RuleName): setting is Setting {
  return settingsOf(rule).some((allowed) => allowed === setting)
}

function settingsOf(rule: RuleName): Setting[] {
  return ['off', 'watch', 'hold', ...(MAY_DROP.has(rule) ? ['drop' as const] : [])]
}

function problemWith(setting: unknown, rule: RuleName): string {
  const allowed = `allowed are ${settingsOf(rule)
    .map((each) => `"${each}"`)
    .join(', ')}`
  return setting === 'drop'
    ? `must not drop, because the rule also meets real visitors, whose leads would be lost; ${allowed}`
    : `${JSON.stringify(setting)} is not allowed; ${allowed}`
}
