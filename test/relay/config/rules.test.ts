import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readForms } from '../../../relay/config/forms.ts'
import { RULE_NAMES, readRules, settingOf, type Setting } from '../../../relay/config/rules.ts'

const CONTACT = {
  origins: ['https://www.acme.example'],
  fields: { Email: { type: 'email', required: true } },
}

function problemsOf(rules: unknown): string[] {
  const problems: string[] = []
  readRules(rules, 'rules', (place, problem) => problems.push(`${place}: ${problem}`))
  return problems
}

describe('the settings of rules', () => {
  it('are those of the form, then those of all forms, then the default', () => {
    const input = {
      rules: { honeypot: 'drop', links: 'hold' },
      forms: { contact: { ...CONTACT, rules: { honeypot: 'watch' } }, plain: CONTACT },
    }
    const forms = readForms(input, (place, problem) => expect.unreachable(`${place}: ${problem}`))
    const [contact, plain] = [forms.get('contact')!, forms.get('plain')!]

    expect(settingOf(contact, 'honeypot')).toBe('watch')
    expect(settingOf(plain, 'honeypot')).toBe('drop')
    expect(settingOf(contact, 'links')).toBe('hold')
    expect(settingOf(contact, 'formula')).toBe('watch')
    expect(settingOf({}, 'honeypot')).toBe('hold')
  })

  it('of a rule that there is not are an error that names the rules', () => {
    expect(problemsOf({ honeypots: 'hold' })).toEqual([
      `rules.honeypots: there is no such rule; allowed are ${RULE_NAMES.join(', ')}`,
    ])
    expect(problemsOf({ constructor: 'hold' })).toHaveLength(1)
  })

  it.each([['block'], [true], [null], ['Hold']])('that are %j are an error that names what is allowed', (setting) => {
    expect(problemsOf({ honeypot: setting })).toEqual([
      `rules.honeypot: ${JSON.stringify(setting)} is not allowed; allowed are "off", "watch", "hold", "drop"`,
    ])
  })

  it.each([['links'], ['free-mail'], ['many-of-address']])(
    'of the rule %s may not drop, because it also meets visitors',
    (rule) => {
      expect(problemsOf({ [rule]: 'drop' })).toEqual([
        `rules.${rule}: must not drop, because the rule also meets real visitors, whose leads would be lost; allowed are "off", "watch", "hold"`,
      ])
    },
  )

  it.each([[[]], ['hold'], [null]])('that are %j and no object are an error', (rules) => {
    expect(problemsOf(rules)).toEqual(['rules: must be an object: {"links": "hold"}'])
  })

  it('have the place of the form in an error about it', () => {
    const problems: string[] = []
    readForms({ forms: { contact: { ...CONTACT, rules: { links: 'drop' } } } }, (place) => problems.push(place))

    expect(problems).toEqual(['forms.contact.rules.links'])
  })

  it('are the same in the schema: names, allowed settings and defaults', () => {
    const file = join(import.meta.dirname, '../../../relay/config/forms.schema.json')
    const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as {
      definitions: { rules: { properties: Record<string, { enum: Setting[]; default: Setting }> } }
    }
    const { properties } = definitions.rules

    expect(Object.keys(properties)).toEqual(RULE_NAMES)
    for (const rule of RULE_NAMES) {
      const allowed = (['off', 'watch', 'hold', 'drop'] as const).filter(
        (each) => problemsOf({ [rule]: each }).length === 0,
      )
      expect(properties[rule]).toMatchObject({ enum: allowed, default: settingOf({}, rule) })
    }
  })
})
