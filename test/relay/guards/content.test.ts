import { describe, expect, it } from 'vitest'
import { CONTENT_GUARDS } from '../../../relay/guards/content.ts'
import type { Finding } from '../../../relay/guards/guard.ts'
import { examinedPost } from '../../support/examined-post.ts'

function find(rule: string, attribute: string, value: string): Finding | undefined {
  const guard = CONTENT_GUARDS.find((each) => each.rule === rule)!
  return guard.examine(examinedPost({ attributes: [{ name: attribute, value }] })) as Finding | undefined
}

describe('links', () => {
  it.each(['https://spam.example', 'Win at www.spam.example now', 'Ana bit.ly/2x', 'http://1.2.3.4'])(
    'are met in a name: %s',
    (value) => {
      expect(find('links', 'FirstName', value)).toEqual({ reason: 'a link in FirstName' })
    },
  )

  it.each(['Booking.com', 'A/S Norden', 'Müller u. Söhne', "O'Brien", 'St. Gallen', 'AT&T', 'www'])(
    'are not met in the name of a person or a company: %s',
    (value) => {
      expect(find('links', 'Company', value)).toBeUndefined()
    },
  )

  it('may stand in a message', () => {
    expect(find('links', 'Message__c', 'see https://www.acme.example/help')).toBeUndefined()
  })
})

describe('markup', () => {
  it.each([
    '<b>Ana</b>',
    '<script>alert(1)</script>',
    '[url=https://x.example]x[/url]',
    '&#60;img&#62;',
    '{{7*7}}',
    '${7}',
  ])('is met in a name: %s', (value) => {
    expect(find('markup', 'LastName', value)).toEqual({ reason: 'markup in LastName' })
  })

  it.each(['Smith & Sons', 'A < B', 'I <3 tea', 'Doe [retired]', '{ab}'])('is not met in: %s', (value) => {
    expect(find('markup', 'Company', value)).toBeUndefined()
  })
})

describe('formulas', () => {
  it.each([
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://x.example","x")',
    '=1+1',
    '@SUM(1+1)',
    "+cmd|'/c calc'!A1",
    "-2+3+cmd|' /C calc'!A0",
    '  =IMPORTXML(A1)',
  ])('are met at the start of a value: %s', (value) => {
    expect(find('formula', 'Message__c', value)).toEqual({ reason: 'the start of a formula in Message__c' })
  })

  it.each([
    '+49 (0)30 1234567',
    '+1-555-0100',
    '- first point\n- second',
    '@acme_support',
    '=)',
    '=> call me',
    '+1',
    'a=b',
  ])('are not met in: %s', (value) => {
    expect(find('formula', 'Message__c', value)).toBeUndefined()
    expect(find('formula', 'Phone', value)).toBeUndefined()
  })
})

describe('invisible characters', () => {
  it.each([
    ['a right-to-left override', 'Ana\u202Efdp.exe'],
    ['an isolate', 'Ana\u2066x\u2069'],
    ['a space without width', 'c\u200Basino'],
    ['a joiner within a Latin word', 'ca\u200Dsino'],
    ['a mark of direction within a Latin word', 'ca\u200Esino'],
    ['a Hangul filler', '\u3164'],
    ['hidden tags', 'Ana\u{E0061}\u{E0062}'],
  ])('are met: %s', (_, value) => {
    expect(find('invisible', 'FirstName', value)).toEqual({ reason: 'invisible characters in FirstName' })
  })

  it.each([
    ['a joined emoji', 'the 👩\u200D🔬 team'],
    ['a Persian name with a non-joiner', 'می\u200Cخواهم'],
    ['a Hindi name with a joiner', 'क्\u200Dष'],
    ['the flag of Scotland', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
    ['Hebrew with a mark of direction', 'שלום\u200F!'],
    ['accents and Chinese', 'Zoë 王小明'],
  ])('are not met in %s', (_, value) => {
    expect(find('invisible', 'FirstName', value)).toBeUndefined()
  })
})

it('a constant of the form is no value of a visitor, whatever it looks like', () => {
  expect(find('formula', 'LeadSource', '=1+1')).toBeUndefined()
})

it('no rule about content tries each place of a hostile text with each other one: that would take very long', () => {
  const texts = ['<a', '=|', '+a', 'a-', '[b', 'www.', '&#1', 'a\u200D'].map((part) => part.repeat(40_000))

  const found = texts.flatMap((text) => CONTENT_GUARDS.map(({ rule }) => find(rule, 'Company', text)))

  expect(found).toHaveLength(texts.length * CONTENT_GUARDS.length)
})
