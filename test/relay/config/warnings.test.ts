/** What is configured without an effect, or with one that nobody wants, is told. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../relay/index.ts'

const ENV = {
  MARKETO_REST_ENDPOINT: 'https://123-ABC-456.mktorest.com',
  MARKETO_CLIENT_ID: 'id',
  MARKETO_CLIENT_SECRET: 'secret',
}
const FIELDS = { Email: { type: 'email', required: true } }
const warningsOf = (env: object, fields: object = {}) =>
  readConfig(
    { ...ENV, ...env },
    { forms: { contact: { origins: ['https://www.acme.example'], fields: { ...FIELDS, ...fields } } } },
  ).warnings

describe('a variable that the relay does not know', () => {
  it.each([
    ['FORM_SYNC_API_KEY', 'FORM_SYNC_API_KEYS'],
    ['MARKETO_CALL_PER_DAY', 'MARKETO_CALLS_PER_DAY'],
    ['MUNCHKIN_IDS', 'MUNCHKIN_ID'],
    ['FORM_SYNC_TRUSTED_PROXY', undefined],
    ['MARKETO_COLOUR', undefined],
  ])('is told with the name that was meant: %s', (place, near) => {
    const advice = near === undefined ? 'docs/deploy.md lists those that there are' : `did you mean ${near}?`
    expect(warningsOf({ [place]: 'x' })).toEqual([
      { place, reason: `is not a variable of the relay, and has no effect; ${advice}` },
    ])
  })

  it('may be one of a named account', () => {
    const env = {
      MARKETO_SANDBOX_REST_ENDPOINT: 'https://987-XYZ-654.mktorest.com',
      MARKETO_SANDBOX_CLIENT_ID: 'id',
      MARKETO_SANDBOX_CLIENT_SECRET: 'secret',
      MARKETO_SANDBOX_CALLS_PER_DAY: '100',
    }
    expect(warningsOf({ ...env, MARKETO_SANDBOX_CALL_PER_DAY: '100' })).toEqual([
      {
        place: 'MARKETO_SANDBOX_CALL_PER_DAY',
        reason: 'is not a variable of the relay, and has no effect; did you mean MARKETO_SANDBOX_CALLS_PER_DAY?',
      },
    ])
  })

  it('is none of those in the documentation, nor of another program', () => {
    const documented = readFileSync(new URL('../../../docs/deploy.md', import.meta.url), 'utf8')
    const names = [...documented.matchAll(/^\| `((?:FORM_SYNC|MARKETO|MUNCHKIN)_\w+)`/gm)].map(([, name]) => name!)
    expect(names.length).toBeGreaterThan(15)
    const known = warningsOf({ ...Object.fromEntries(names.map((name) => [name, undefined])), ...ENV })

    expect(known).toEqual([])
    expect(warningsOf({ PATH: '/bin', FORM_SYNCHRONISER: '1' })).toEqual([])
  })
})

describe('a field that clears an attribute', () => {
  it('is told, because anybody can post the form', () => {
    expect(warningsOf({}, { Phone: { blank: 'clear' }, City: { blank: 'skip' } })).toEqual([
      {
        place: 'forms.contact.fields.Phone.blank',
        reason: 'anybody who knows a person\'s address can clear Phone by this form; write "skip" if that matters',
      },
    ])
  })
})
