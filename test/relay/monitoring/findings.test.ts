import { describe, expect, it } from 'vitest'
import { createFindings } from '../../../relay/monitoring/findings.ts'
import type { LogEvent } from '../../../relay/index.ts'
import { NOW } from '../../support/relay.ts'

const HOUR_MS = 3_600_000
const HELD = [{ rule: 'honeypot', action: 'hold' as const }]

function findingsUnderTest() {
  const events: LogEvent[] = []
  let at = NOW
  const findings = createFindings({ now: () => at, log: (event) => events.push(event) })
  return { findings, events, pass: (ms: number) => void (at += ms) }
}

describe('the findings of rules', () => {
  it('have ten events a minute for a form and a rule, and the next event counts the others', () => {
    const { findings, events, pass } = findingsUnderTest()
    for (let post = 0; post < 25; post += 1) findings.found('contact', `id ${post}`, HELD)
    pass(60_000)
    findings.found('contact', 'later', HELD)

    expect(events).toHaveLength(11)
    expect(events.at(-1)).toEqual({ event: 'held', id: 'later', form: 'contact', rule: 'honeypot', unreported: 15 })
    expect(findings.counts()).toEqual([{ form: 'contact', rule: 'honeypot', watched: 0, held: 26, dropped: 0 }])
  })

  it('of one rule leave room for the events of another one', () => {
    const { findings, events } = findingsUnderTest()
    for (let post = 0; post < 25; post += 1) findings.found('contact', 'id', HELD)
    findings.found('contact', 'id', [{ rule: 'links', action: 'watch', reason: 'a link in FirstName' }])

    expect(events.at(-1)).toEqual({
      event: 'watched',
      id: 'id',
      form: 'contact',
      rule: 'links',
      reason: 'a link in FirstName',
    })
  })
})

describe('the issue withheld', () => {
  it('is reported when ten posts of a form, and most of them, are held or dropped, until two hours later', () => {
    const { findings, pass } = findingsUnderTest()
    for (let post = 0; post < 9; post += 1) findings.found('contact', 'id', HELD)
    for (let post = 0; post < 9; post += 1) findings.passed('contact')
    expect(findings.issues()).toEqual([])
    findings.found('contact', 'id', [{ rule: 'ticket', action: 'drop' }])

    expect(findings.issues()).toEqual([
      {
        kind: 'withheld',
        count: 10,
        reason: 'most posts of the form contact are held or dropped, most often by the rule honeypot',
      },
    ])
    pass(2 * HOUR_MS)
    expect(findings.issues()).toEqual([])
  })

  it('is not reported when as many posts pass, or when rules only watch', () => {
    const { findings } = findingsUnderTest()
    for (let post = 0; post < 20; post += 1) {
      findings.found('contact', 'id', HELD)
      findings.passed('contact')
      findings.found('plain', 'id', [{ rule: 'links', action: 'watch' }])
    }

    expect(findings.issues()).toEqual([])
  })

  it('names the worst of several forms', () => {
    const { findings } = findingsUnderTest()
    for (let post = 0; post < 10; post += 1) findings.found('plain', 'id', HELD)
    for (let post = 0; post < 12; post += 1) findings.found('contact', 'id', HELD)

    expect(findings.issues()).toMatchObject([
      { count: 12, reason: expect.stringMatching(/contact.*; and of 1 more$/) as string },
    ])
  })
})
