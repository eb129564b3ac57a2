import { describe, expect, it } from 'vitest'
import { type ConfigError, readConfig } from '../../../relay/index.ts'
import { FORMS } from '../../support/relay.ts'

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}
const KEY = 'hjVYpx8p0tYbqXl3mHn0L1Rk2zq7bQw5'
const OTHER_KEY = 'Zk8s2nT4wQ1xV6yB9eR3uI5oP7aS0dFg'

const withForm = (keys: object) => ({ forms: { contact: { ...FORMS.forms.contact, ...keys } } })

function problemsOf(env: object, keys: object): readonly string[] {
  try {
    readConfig({ ...ENV, ...env }, withForm(keys))
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('the configuration of tickets and challenges', () => {
  it.each([
    [{ ticket: true }, 'forms.contact.ticket: needs FORM_SYNC_TICKET_KEY; make one with: openssl rand -base64 32'],
    [
      { challenge: 'altcha' },
      'forms.contact.challenge: needs FORM_SYNC_TICKET_KEY; make one with: openssl rand -base64 32',
    ],
    [
      { challenge: 'turnstile' },
      'forms.contact.challenge: needs FORM_SYNC_TURNSTILE_SECRET, the secret key of your site at the provider',
    ],
    [
      { challenge: 'hcaptcha' },
      'forms.contact.challenge: needs FORM_SYNC_HCAPTCHA_SECRET, the secret key of your site at the provider',
    ],
    [
      { challenge: 'recaptcha' },
      'forms.contact.challenge: needs FORM_SYNC_RECAPTCHA_SECRET, the secret key of your site at the provider',
    ],
  ])('names the variable that the form needs: %j', (keys, problem) => {
    expect(problemsOf({}, keys)).toEqual([problem])
  })

  it.each([
    [{ ticket: 'yes' }, 'forms.contact.ticket: must be true or false'],
    [
      { challenge: 'captcha' },
      'forms.contact.challenge: "captcha" is not allowed; allowed are "altcha", "turnstile", "hcaptcha", "recaptcha"',
    ],
  ])('says what is allowed in place of %j', (keys, problem) => {
    expect(problemsOf({}, keys)).toEqual([problem])
  })

  it('takes one key, or several, of which the first one signs', () => {
    const keys = (value: string) =>
      readConfig({ ...ENV, FORM_SYNC_TICKET_KEY: value }, withForm({ ticket: true })).robots.keys

    expect(keys(KEY)).toEqual([KEY])
    expect(keys(` ${OTHER_KEY}, ${KEY} `)).toEqual([OTHER_KEY, KEY])
  })

  it('takes no key that is shorter than 32 characters, and does not show it', () => {
    const short = KEY.slice(1)

    const problems = problemsOf({ FORM_SYNC_TICKET_KEY: `${KEY},${short}` }, { ticket: true })

    expect(problems).toEqual([
      'FORM_SYNC_TICKET_KEY: must have 32 characters or more; make one with: openssl rand -base64 32',
    ])
    expect(problems.join()).not.toContain(short)
  })

  it('needs no variable where no form needs it', () => {
    expect(readConfig(ENV, FORMS).robots).toEqual({ keys: [], secrets: {} })
    expect(problemsOf({}, { ticket: false })).toEqual([])
  })

  it('warns of none of the variables', () => {
    const env = {
      FORM_SYNC_TICKET_KEY: KEY,
      FORM_SYNC_TURNSTILE_SECRET: 'a',
      FORM_SYNC_HCAPTCHA_SECRET: 'b',
      FORM_SYNC_RECAPTCHA_SECRET: 'c',
    }

    expect(readConfig({ ...ENV, ...env }, FORMS).warnings).toEqual([])
  })
})
