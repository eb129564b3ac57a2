import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { demoForms } from '../../../demo/forms.ts'
import { ConfigError, readConfig, readSoapAccount } from '../../../relay/config/config.ts'

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktoapi.com/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}
const CONTACT = { origins: ['https://www.acme.example'], fields: { Email: { type: 'email', required: true } } }
const FORMS = { forms: { contact: CONTACT } }

function problemsOf(env: Record<string, string>, forms: unknown): readonly string[] {
  try {
    readConfig(env, forms)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  it('tells every problem at once, by name and place', () => {
    const env = { MARKETO_USER_ID: 'acme_1', MUNCHKIN_ID: 'acme' }
    const forms = {
      forms: {
        contact: {
          origin: ['https://www.acme.example'],
          origins: ['https://www.acme.example/contact'],
          fields: { Email: { type: 'mail' }, topics: { type: 'choice' }, _id: {} },
        },
      },
    }

    const problems = problemsOf(env, forms)

    expect(problems).toEqual([
      'MARKETO_SOAP_ENDPOINT: is not set, though other SOAP variables are',
      'MARKETO_SECRET_KEY: is not set, though other SOAP variables are',
      'MUNCHKIN_ID: must look like 123-ABC-456',
      'forms.contact.origin: is not known; did you mean "origins"?',
      'forms.contact.origins: "https://www.acme.example/contact" is not an origin; did you mean "https://www.acme.example"?',
      expect.stringMatching(/^forms\.contact\.fields\.Email\.type: "mail" is none of "text", "email"/),
      'forms.contact.fields.topics.options: a choice takes at least one option',
      'forms.contact.fields._id: names that start with _ belong to the wire; rename the field',
      expect.stringMatching(/^forms\.contact\.fields: Marketo finds a person by e-mail/),
    ])
  })

  it('reads as a list under one sentence', () => {
    const start = () => readConfig({}, FORMS)

    expect(start).toThrow(
      'The relay cannot start:\n  - MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY: are not set',
    )
  })

  it('says that REST is not a way out when only its variables are set', () => {
    const problems = problemsOf({ MARKETO_REST_ENDPOINT: 'https://123-abc-456.mktorest.com/rest' }, FORMS)

    expect(problems).toEqual([expect.stringContaining('this version delivers by SOAP alone')])
  })

  it('refuses to send leads in the clear, except on this machine', () => {
    const far = problemsOf({ ...ENV, MARKETO_SOAP_ENDPOINT: 'http://marketo.example/soap/mktows/3_1' }, FORMS)
    const here = problemsOf({ ...ENV, MARKETO_SOAP_ENDPOINT: 'http://localhost:8090/soap/mktows/3_1' }, FORMS)

    expect(far).toEqual(['MARKETO_SOAP_ENDPOINT: must be https: a lead would travel in the clear'])
    expect(here).toEqual([])
  })

  it.each([
    ['no key', { MARKETO_SECRET_KEY: '' }],
    ['no user', { MARKETO_USER_ID: ' ' }],
    ['no endpoint', { MARKETO_SOAP_ENDPOINT: '' }],
    ['an endpoint in the clear', { MARKETO_SOAP_ENDPOINT: 'http://marketo.example/soap' }],
  ])('gives no half of an account: %s', (_, change) => {
    const problems: string[] = []

    const account = readSoapAccount({ ...ENV, ...change }, (place) => problems.push(place))

    expect(account).toBeUndefined()
    expect(problems).toEqual(Object.keys(change))
  })

  it('never repeats a secret', () => {
    const env = { ...ENV, MARKETO_SOAP_ENDPOINT: 'nowhere', MARKETO_SECRET_KEY: 'hunter2-hunter2' }

    const problems = problemsOf(env, {})

    expect(problems.length).toBeGreaterThan(1)
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it.each([
    ['MARKETO_CALLS_PER_20S', '101', 'from 1 to 100'],
    ['MARKETO_CALLS_PER_20S', '0', 'from 1 to 100'],
    ['MARKETO_CONCURRENCY', 'many', 'from 1 to 10'],
    ['MARKETO_CALLS_PER_DAY', '-5', 'from 1 to 1000000'],
    ['MARKETO_LEADS_PER_CALL', '301', 'from 1 to 300'],
    ['MARKETO_TIMEOUT', '601', 'from 1 to 600'],
    ['FORM_SYNC_RECEIPT_DAYS', '0', 'from 1 to 3650'],
    ['FORM_SYNC_SHARDS', '6', 'from 1 to 5'],
  ])('takes no number that cannot be: %s=%s', (name, value, words) => {
    expect(problemsOf({ ...ENV, [name]: value }, FORMS)).toEqual([expect.stringContaining(`${name}: takes`)])
    expect(problemsOf({ ...ENV, [name]: value }, FORMS)[0]).toContain(words)
  })

  it('takes half of what Marketo allows, unless it is told otherwise', () => {
    const { limits } = readConfig(ENV, FORMS)
    const told = readConfig(
      {
        ...ENV,
        MARKETO_CALLS_PER_20S: '20',
        MARKETO_CONCURRENCY: '2',
        MARKETO_CALLS_PER_DAY: '25000',
        MARKETO_LEADS_PER_CALL: '1',
        MARKETO_TIMEOUT: '30',
      },
      FORMS,
    )

    expect(limits).toEqual({
      callsPer20s: 50,
      concurrency: 5,
      callsPerDay: 5_000,
      leadsPerCall: 300,
      timeout: 90_000,
    })
    expect(told.limits).toEqual({
      callsPer20s: 20,
      concurrency: 2,
      callsPerDay: 25_000,
      leadsPerCall: 1,
      timeout: 30_000,
    })
  })

  it('keeps leads in a file of its own and receipts for 90 days, unless it is told otherwise', () => {
    const database = 'postgres://form_sync:secret@db.acme.example:5432/form_sync'

    const usual = readConfig(ENV, FORMS)
    const told = readConfig({ ...ENV, FORM_SYNC_DATABASE: database, FORM_SYNC_RECEIPT_DAYS: '7' }, FORMS)

    expect(usual.database).toBeUndefined()
    expect(usual.keepReceipts).toBe(90 * 24 * 3_600_000)
    expect(told).toMatchObject({ database, keepReceipts: 7 * 24 * 3_600_000 })
  })

  it.each(['mysql://db.acme.example/form_sync', 'db.acme.example', 'postgres:'])(
    'takes no database that is not a PostgreSQL address: %s',
    (url) => {
      const problems = problemsOf({ ...ENV, FORM_SYNC_DATABASE: url }, FORMS)

      expect(problems).toEqual([expect.stringMatching(/^FORM_SYNC_DATABASE: must be an address such as postgres:/)])
    },
  )

  it('takes no operator’s key that can be guessed, and does not repeat it', () => {
    const problems = problemsOf({ ...ENV, FORM_SYNC_CONSOLE_TOKEN: 'guess-me' }, FORMS)

    expect(problems).toEqual(['FORM_SYNC_CONSOLE_TOKEN: takes 20 characters or more'])
  })

  it('knows whose cookies are ours from the tenant’s address', () => {
    const derived = readConfig(ENV, FORMS)
    const given = readConfig({ ...ENV, MUNCHKIN_ID: '999-XYZ-111' }, FORMS)

    expect(derived.munchkinId).toBe('123-ABC-456')
    expect(given.munchkinId).toBe('999-XYZ-111')
  })

  it('writes a thanks address as it can stand in a header', () => {
    const forms = { forms: { contact: { ...CONTACT, thanks: 'https://www.acme.example/danke-日本' } } }

    expect(readConfig(ENV, forms).forms.get('contact')?.thanks).toBe(
      'https://www.acme.example/danke-%E6%97%A5%E6%9C%AC',
    )
  })

  it('takes a forms file that begins with a byte-order mark', () => {
    expect(problemsOf(ENV, `\uFEFF${JSON.stringify(FORMS)}`)).toEqual([])
  })

  it('says where a forms file is not JSON', () => {
    const problems = problemsOf(ENV, '{"forms": {"contact": }}')

    expect(problems).toEqual([expect.stringMatching(/^forms: the file is not JSON: Unexpected token '}'/)])
  })

  it.each([
    [
      'two fields that write one attribute',
      { fields: { ...CONTACT.fields, mail: { attribute: 'email' } } },
      'and so does',
    ],
    ['a length that Marketo does not store', { fields: { ...CONTACT.fields, a: { maxLength: 300 } } }, 'from 1 to 255'],
    ['options without a choice', { fields: { ...CONTACT.fields, a: { options: ['x'] } } }, 'has options'],
    ['thanks that are no address', { thanks: '/thanks' }, 'must be a whole address'],
    ['a constant that is no text', { constants: { LeadSource: 3 } }, 'must be a text'],
    ['no origin', { origins: [] }, 'lists no origin'],
    [
      'an e-mail that is not required',
      { fields: { Email: { type: 'email' } } },
      'must be {"type": "email", "required": true}',
    ],
    [
      'an e-mail that may be anything',
      { fields: { Email: { required: true } } },
      'must be {"type": "email", "required": true}',
    ],
    ['a word in place of a yes', { fields: { Email: { type: 'email', required: 'yes' } } }, 'must be true or false'],
  ])('refuses %s', (_, change, words) => {
    const problems = problemsOf(ENV, { forms: { contact: { ...CONTACT, ...change } } })

    expect(problems.join('\n')).toContain(words)
  })
})

describe('the forms schema', () => {
  const root = join(import.meta.dirname, '../../..')
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as object
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(read('relay/config/forms.schema.json'))

  it.each([
    ['the file to start from', read('forms.json')],
    ['the demo’s', demoForms('http://localhost:8080')],
  ])('takes %s, and so does the relay', (_, forms) => {
    const valid = validate(forms)

    expect(validate.errors).toBeNull()
    expect(valid).toBe(true)
    expect(problemsOf(ENV, forms)).toEqual([])
  })

  it.each([
    ['a key it does not know', { ...CONTACT, origin: [] }],
    ['a type it does not know', { ...CONTACT, fields: { Email: { type: 'mail' } } }],
    ['an origin with a path', { ...CONTACT, origins: ['https://www.acme.example/a'] }],
    ['a field of the wire', { ...CONTACT, fields: { ...CONTACT.fields, _id: {} } }],
    ['no fields', { origins: CONTACT.origins }],
    ['thanks that are no address', { ...CONTACT, thanks: '/thanks' }],
  ])('refuses what the relay refuses: %s', (_, form) => {
    const forms = { forms: { contact: form } }

    expect(validate(forms)).toBe(false)
    expect(problemsOf(ENV, forms)).not.toEqual([])
  })
})
