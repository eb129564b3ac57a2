import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { demoForms } from '../../../demo/forms.ts'
import { credentialsOf, readAccount } from '../../../relay/config/account.ts'
import { ConfigError, readConfig } from '../../../relay/config/config.ts'

const ENV = {
  MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktoapi.com/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}
const REST = {
  MARKETO_REST_ENDPOINT: 'https://123-abc-456.mktorest.com/rest',
  MARKETO_CLIENT_ID: 'client',
  MARKETO_CLIENT_SECRET: 'client secret',
}
const CONTACT = { origins: ['https://www.acme.example'], fields: { Email: { type: 'email', required: true } } }
const FORMS = { forms: { contact: CONTACT } }
const WITH_FORM = { marketoForm: 1029 }

/** Returns the fields of a form with these keys of one of them. */
const withPhone = (keys: object) => ({ fields: { ...CONTACT.fields, Phone: keys } })

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
  it('reports all problems at once, each with its place', () => {
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
      'MARKETO_SOAP_ENDPOINT: is not set, but other SOAP variables are',
      'MARKETO_SECRET_KEY: is not set, but other SOAP variables are',
      'MUNCHKIN_ID: must look like 123-ABC-456',
      'forms.contact.origin: unknown key; did you mean "origins"?',
      'forms.contact.origins: "https://www.acme.example/contact" is not an origin; did you mean "https://www.acme.example"?',
      expect.stringMatching(/^forms\.contact\.fields\.Email\.type: "mail" is not allowed; allowed are "text", "email"/),
      'forms.contact.fields.topics.options: a choice must have at least one option',
      'forms.contact.fields._id: names that start with _ are reserved; rename the field',
      expect.stringMatching(/^forms\.contact\.fields: one field must be .*because Marketo finds people by e-mail/),
    ])
  })

  it('reports problems as a list under one sentence', () => {
    const start = () => readConfig({}, FORMS)

    expect(start).toThrow(
      'The relay cannot start:\n  - MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET: are not set; all three are required, or MARKETO_SOAP_ENDPOINT, MARKETO_USER_ID, MARKETO_SECRET_KEY for',
    )
  })

  it('requires https, except for an endpoint on this machine', () => {
    const remote = problemsOf({ ...ENV, MARKETO_SOAP_ENDPOINT: 'http://marketo.example/soap/mktows/3_1' }, FORMS)
    const local = problemsOf({ ...ENV, MARKETO_SOAP_ENDPOINT: 'http://localhost:8090/soap/mktows/3_1' }, FORMS)

    expect(remote).toEqual(['MARKETO_SOAP_ENDPOINT: must use https, because leads would be sent unencrypted'])
    expect(local).toEqual([])
  })

  it.each([
    ['no key', { MARKETO_SECRET_KEY: '' }],
    ['no user', { MARKETO_USER_ID: ' ' }],
    ['no endpoint', { MARKETO_SOAP_ENDPOINT: '' }],
    ['an endpoint without https', { MARKETO_SOAP_ENDPOINT: 'http://marketo.example/soap' }],
  ])('returns no account if it is incomplete: %s', (_, change) => {
    const problems: string[] = []

    const account = readAccount({ ...ENV, ...change }, (place) => problems.push(place))

    expect(account).toBeUndefined()
    expect(problems).toEqual(Object.keys(change))
  })

  it('never repeats a secret in a problem', () => {
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
    ['MARKETO_WEAK_SHARE', '0', 'from 1 to 100, in percent'],
    ['MARKETO_WEAK_SHARE', '20%', 'from 1 to 100, in percent'],
    ['MARKETO_LEADS_PER_CALL', '301', 'from 1 to 300'],
    ['MARKETO_TIMEOUT', '601', 'from 1 to 600'],
    ['FORM_SYNC_RECEIPT_DAYS', '0', 'from 1 to 3650'],
    ['FORM_SYNC_PARKED_DAYS', '-1', 'from 0 to 3650'],
    ['FORM_SYNC_SHARDS', '6', 'from 1 to 5'],
    ['FORM_SYNC_MAX_WAITING', '0', 'from 1 to 9999999'],
    ['FORM_SYNC_MAX_WAITING_PER_SOURCE', '10000000', 'from 1 to 9999999'],
    ['FORM_SYNC_POSTS_PER_MINUTE', 'few', 'from 1 to 9999999'],
    ['FORM_SYNC_DISK_RESERVE_MB', '-1', 'from 0 to 9999999'],
    ['FORM_SYNC_MAX_CONNECTIONS', '0', 'from 1 to 9999999'],
  ])('rejects a number that is out of range: %s=%s', (name, value, range) => {
    expect(problemsOf({ ...ENV, [name]: value }, FORMS)).toEqual([
      expect.stringContaining(`${name}: must be a whole number`),
    ])
    expect(problemsOf({ ...ENV, [name]: value }, FORMS)[0]).toContain(range)
  })

  it('uses half of Marketo’s limits by default', () => {
    const { limits } = readConfig(ENV, FORMS)
    const configured = readConfig(
      {
        ...ENV,
        MARKETO_CALLS_PER_20S: '20',
        MARKETO_CONCURRENCY: '2',
        MARKETO_CALLS_PER_DAY: '25000',
        MARKETO_LEADS_PER_CALL: '1',
        MARKETO_TIMEOUT: '30',
        MARKETO_WEAK_SHARE: '5',
      },
      FORMS,
    )

    expect(limits).toEqual({
      callsPer20s: 50,
      concurrency: 5,
      callsPerDay: 5_000,
      weakShare: 20,
      serverShare: 0,
      leadsPerCall: 300,
      timeout: 90_000,
    })
    expect(configured.limits).toEqual({
      callsPer20s: 20,
      concurrency: 2,
      callsPerDay: 25_000,
      weakShare: 5,
      serverShare: 0,
      leadsPerCall: 1,
      timeout: 30_000,
    })
  })

  it('keeps a tenth of the day’s calls for servers where there are any', () => {
    const keys = { FORM_SYNC_API_KEYS: 'a-key-of-twenty-characters' }

    expect(readConfig({ ...ENV, ...keys }, FORMS).limits.serverShare).toBe(10)
    expect(readConfig({ ...ENV, ...keys, MARKETO_SERVER_SHARE: '0' }, FORMS).limits.serverShare).toBe(0)
    expect(() => readConfig({ ...ENV, ...keys, MARKETO_SERVER_SHARE: '91' }, FORMS)).toThrow(
      'MARKETO_SERVER_SHARE: must be a whole number from 0 to 90, in percent',
    )
    expect(() => readConfig({ ...ENV, MARKETO_SERVER_SHARE: '10' }, FORMS)).toThrow(
      'MARKETO_SERVER_SHARE: keeps calls for servers, but FORM_SYNC_API_KEYS is not set; set both, or neither',
    )
  })

  it('keeps parked and held leads for 30 days by default, and for ever with 0', () => {
    const days = (text: string) => readConfig({ ...ENV, FORM_SYNC_PARKED_DAYS: text }, FORMS).keepParked

    expect(readConfig(ENV, FORMS).keepParked).toBe(30 * 24 * 3_600_000)
    expect([days('7'), days('0')]).toEqual([7 * 24 * 3_600_000, Infinity])
  })

  it('stores leads in a file and keeps receipts for 90 days by default', () => {
    const database = 'postgres://form_sync:secret@db.acme.example:5432/form_sync'

    const byDefault = readConfig(ENV, FORMS)
    const configured = readConfig({ ...ENV, FORM_SYNC_DATABASE: database, FORM_SYNC_RECEIPT_DAYS: '7' }, FORMS)

    expect(byDefault.database).toBeUndefined()
    expect(byDefault.keepReceipts).toBe(90 * 24 * 3_600_000)
    expect(configured).toMatchObject({ database, keepReceipts: 7 * 24 * 3_600_000 })
  })

  it.each([
    ['11', '"11" must be a whole number from 0 to 10'],
    ['yes', '"yes" must be a whole number from 0 to 10'],
    ['10.0.0.0/33', '"10.0.0.0/33" is neither an address nor a network'],
    ['10.0.0.0/0', '"10.0.0.0/0" is neither'],
    ['10.0.0.0/8, proxy.acme.example', '"proxy.acme.example" is neither'],
    ['10.0.0.256', '"10.0.0.256" is neither'],
    ['010.0.0.1', '"010.0.0.1" is neither'],
    ['2001:db8::/129', '"2001:db8::/129" is neither'],
    ['2001:db8:::1', '"2001:db8:::1" is neither'],
    ['1, 2', '"1", "2" is neither'],
    [',', '"," is neither'],
  ])('names what is wrong with the trusted proxies: %s', (value, problem) => {
    expect(problemsOf({ ...ENV, FORM_SYNC_TRUSTED_PROXIES: value }, FORMS)).toEqual([
      expect.stringContaining(`FORM_SYNC_TRUSTED_PROXIES: ${problem}`),
    ])
  })

  it('reads the trusted proxies as addresses and networks', () => {
    const value = '10.0.0.0/8,2001:db8::/32, 192.0.2.1 ,::1, ::ffff:192.0.2.0/120'

    expect(readConfig({ ...ENV, FORM_SYNC_TRUSTED_PROXIES: value }, FORMS).trustedProxies).toEqual([
      '10.0.0.0/8',
      '2001:db8::/32',
      '192.0.2.1',
      '::1',
      '::ffff:192.0.2.0/120',
    ])
  })

  it('bounds what waits, what one network sends and what the disk keeps by default', () => {
    const { intake } = readConfig(ENV, FORMS)
    const configured = readConfig(
      {
        ...ENV,
        FORM_SYNC_MAX_WAITING: '1000',
        FORM_SYNC_MAX_WAITING_PER_SOURCE: '10',
        FORM_SYNC_POSTS_PER_MINUTE: '6',
        FORM_SYNC_DISK_RESERVE_MB: '0',
        FORM_SYNC_MAX_CONNECTIONS: '500',
      },
      FORMS,
    )

    expect(intake).toEqual({
      maxWaiting: 100_000,
      maxWaitingPerSource: 2_000,
      postsPerMinute: 120,
      diskReserve: 512 * 1024 ** 2,
    })
    expect(configured.intake).toEqual({
      maxWaiting: 1_000,
      maxWaitingPerSource: 10,
      postsPerMinute: 6,
      diskReserve: 0,
      maxConnections: 500,
    })
  })

  it('trusts no proxy by default', () => {
    const counts = [undefined, '0', '2'].map(
      (value) => readConfig({ ...ENV, FORM_SYNC_TRUSTED_PROXIES: value }, FORMS).trustedProxies,
    )

    expect(counts).toEqual([0, 0, 2])
  })

  it.each(['mysql://db.acme.example/form_sync', 'db.acme.example', 'postgres:'])(
    'rejects a database that is not a PostgreSQL URL: %s',
    (url) => {
      const problems = problemsOf({ ...ENV, FORM_SYNC_DATABASE: url }, FORMS)

      expect(problems).toEqual([expect.stringMatching(/^FORM_SYNC_DATABASE: must be a URL such as postgres:/)])
    },
  )

  it('rejects a short token without repeating it', () => {
    const problems = problemsOf({ ...ENV, FORM_SYNC_CONSOLE_TOKEN: 'guess-me' }, FORMS)

    expect(problems).toEqual(['FORM_SYNC_CONSOLE_TOKEN: must have 20 characters or more'])
  })

  it('derives the Munchkin id from the endpoint unless it is set', () => {
    const derived = readConfig(ENV, FORMS)
    const given = readConfig({ ...ENV, MUNCHKIN_ID: '999-XYZ-111' }, FORMS)

    expect(derived.munchkinId).toBe('123-ABC-456')
    expect(given.munchkinId).toBe('999-XYZ-111')
  })

  it('percent-encodes the thanks URL', () => {
    const forms = { forms: { contact: { ...CONTACT, thanks: 'https://www.acme.example/danke-日本' } } }

    expect(readConfig(ENV, forms).forms.get('contact')?.thanks).toBe(
      'https://www.acme.example/danke-%E6%97%A5%E6%9C%AC',
    )
  })

  it('accepts a forms file with a byte-order mark', () => {
    expect(problemsOf(ENV, `\uFEFF${JSON.stringify(FORMS)}`)).toEqual([])
  })

  it('says where a forms file is not valid JSON', () => {
    const problems = problemsOf(ENV, '{"forms": {"contact": }}')

    expect(problems).toEqual([expect.stringMatching(/^forms: the file is not valid JSON: Unexpected token '}'/)])
  })

  it.each([
    [
      'two fields that write one attribute',
      { fields: { ...CONTACT.fields, mail: { attribute: 'email' } } },
      'forms.contact.fields.mail: writes "email", but fields.Email already writes "Email"',
    ],
    ['a length that Marketo does not store', { fields: { ...CONTACT.fields, a: { maxLength: 300 } } }, 'from 1 to 255'],
    ['options without a choice', { fields: { ...CONTACT.fields, a: { options: ['x'] } } }, 'may have options'],
    ['a thanks URL that is not absolute', { thanks: '/thanks' }, 'must be an absolute URL'],
    [
      'a part of a decision that there is not',
      { consent: { field: 'Consent__c' } },
      'consent.field: unknown key; allowed are decision, source, time, detail',
    ],
    ['a decision that is only named', { consent: 'Consent__c' }, 'forms.contact.consent: must be an object'],
    ['a constant that is not a string', { constants: { LeadSource: 3 } }, 'must be a string'],
    ['no origin', { origins: [] }, 'must list at least one origin'],
    [
      'an e-mail field that is not required',
      { fields: { Email: { type: 'email' } } },
      'must be {"type": "email", "required": true}',
    ],
    [
      'an e-mail field of type text',
      { fields: { Email: { required: true } } },
      'must be {"type": "email", "required": true}',
    ],
    ['a string in place of true', { fields: { Email: { type: 'email', required: 'yes' } } }, 'must be true or false'],
  ])('rejects %s', (_, change, message) => {
    const problems = problemsOf(ENV, { forms: { contact: { ...CONTACT, ...change } } })

    expect(problems.join('\n')).toContain(message)
  })
})

describe('attribute names that differ only in case', () => {
  const FORENAME = { forename: { attribute: 'FirstName' } }

  it.each([
    ['two fields', 'fields.first', { fields: { ...FORENAME, first: { attribute: 'firstname' } } }],
    ['a field and a constant', 'constants.firstname', { fields: FORENAME, constants: { firstname: 'Ana' } }],
    ['a field and a decision', 'consent.time', { fields: FORENAME, consent: { time: 'firstname' } }],
    ['a field and a capture', 'capture.name', { fields: FORENAME, capture: { name: 'firstname' } }],
  ])('are rejected with both places: %s', (_, place, { fields, ...others }) => {
    const form = { ...CONTACT, ...others, fields: { ...CONTACT.fields, ...fields } }

    const problems = problemsOf(ENV, { forms: { contact: form } })

    expect(problems).toEqual([
      `forms.contact.${place}: writes "firstname", but fields.forename already writes "FirstName" (case is ignored); remove one of them`,
    ])
  })
})

describe('the account', () => {
  it('is one of REST when its variables are set', () => {
    const { marketo, munchkinId } = readConfig(REST, FORMS)

    expect(marketo).toEqual({
      transport: 'rest',
      endpoint: 'https://123-abc-456.mktorest.com',
      clientId: 'client',
      clientSecret: 'client secret',
    })
    expect(munchkinId).toBe('123-ABC-456')
  })

  it.each([
    ['https://123-abc-456.mktorest.com', 'https://123-abc-456.mktorest.com'],
    ['https://123-abc-456.mktorest.com/', 'https://123-abc-456.mktorest.com'],
    ['https://123-abc-456.mktorest.com/rest/', 'https://123-abc-456.mktorest.com'],
    ['https://123-abc-456.mktorest.com/rest/v1', 'https://123-abc-456.mktorest.com'],
    ['https://123-abc-456.mktorest.com/identity', 'https://123-abc-456.mktorest.com'],
    ['https://123-abc-456.mktorest.com/identity//', 'https://123-abc-456.mktorest.com'],
    ['http://localhost:8090/rest', 'http://localhost:8090'],
    ['https://gateway.acme.example/marketo/rest', 'https://gateway.acme.example/marketo'],
  ])('has the same REST endpoint however it is pasted: %s', (given, endpoint) => {
    expect(readConfig({ ...REST, MARKETO_REST_ENDPOINT: given }, FORMS).marketo.endpoint).toBe(endpoint)
  })

  it.each([
    'https://123-abc-456.mktoapi.com/soap/mktows/3_1',
    'https://123-abc-456.mktoapi.com',
    'https://a.example/soap/',
  ])('rejects a SOAP endpoint for REST and says which one is meant: %s', (endpoint) => {
    expect(problemsOf({ ...REST, MARKETO_REST_ENDPOINT: endpoint }, FORMS)).toEqual([
      'MARKETO_REST_ENDPOINT: is the SOAP endpoint; the REST endpoint, such as https://123-ABC-456.mktorest.com/rest, is under Admin > Integration > Web Services, REST API',
    ])
  })

  it('of SOAP is rejected with a REST endpoint', () => {
    expect(problemsOf({ ...ENV, MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktorest.com/rest' }, FORMS)).toEqual([
      'MARKETO_SOAP_ENDPOINT: is the REST endpoint; set MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET in place of the SOAP variables',
    ])
  })

  it.each([
    ['no secret', { MARKETO_CLIENT_SECRET: ' ' }, 'MARKETO_CLIENT_SECRET: is not set, but other REST variables are'],
    ['no client', { MARKETO_CLIENT_ID: '' }, 'MARKETO_CLIENT_ID: is not set, but other REST variables are'],
    ['no endpoint', { MARKETO_REST_ENDPOINT: '' }, 'MARKETO_REST_ENDPOINT: is not set, but other REST variables are'],
    [
      'an endpoint that is no URL',
      { MARKETO_REST_ENDPOINT: '123-abc-456.mktorest.com' },
      'MARKETO_REST_ENDPOINT: must be a URL such as https://123-ABC-456.mktorest.com/rest',
    ],
    [
      'an endpoint without https',
      { MARKETO_REST_ENDPOINT: 'http://123-abc-456.mktorest.com' },
      'MARKETO_REST_ENDPOINT: must use https, because leads would be sent unencrypted',
    ],
  ])('of REST is rejected with %s', (_, change, problem) => {
    const problems = problemsOf({ ...REST, ...change }, FORMS)

    expect(problems).toEqual([expect.stringContaining(problem)])
    expect(problems.join()).not.toContain('client secret')
  })

  it('may have keys for servers', () => {
    expect(readConfig({ ...REST, FORM_SYNC_API_KEYS: 'x'.repeat(20) }, FORMS).apiKeys).toEqual(['x'.repeat(20)])
  })

  it('needs MARKETO_TRANSPORT where the variables of both are set', () => {
    const both = { ...ENV, ...REST }
    const transportOf = (env: Record<string, string>) => readConfig(env, FORMS).marketo.transport ?? 'soap'

    expect(problemsOf(both, FORMS)).toEqual([
      'MARKETO_TRANSPORT: must be rest or soap, because the variables of both are set',
    ])
    expect(problemsOf({ ...both, MARKETO_TRANSPORT: 'graphql' }, FORMS)).toEqual([
      'MARKETO_TRANSPORT: must be rest or soap',
    ])
    expect(transportOf({ ...both, MARKETO_TRANSPORT: 'rest' })).toBe('rest')
    expect(transportOf({ ...both, MARKETO_TRANSPORT: 'soap' })).toBe('soap')
    expect(transportOf({ ...REST, MARKETO_TRANSPORT: 'rest' })).toBe('rest')
    expect(problemsOf({ ...ENV, MARKETO_TRANSPORT: 'rest' }, FORMS)).toEqual([
      'MARKETO_REST_ENDPOINT, MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET: are not set, but MARKETO_TRANSPORT is rest',
    ])
  })

  it('takes the name of the cookie as the prefix of cookies, or none', () => {
    const prefixOf = (env: Record<string, string>) => readConfig({ ...REST, ...env }, FORMS).marketo

    expect(prefixOf({})).not.toHaveProperty('cookiePrefix')
    expect(prefixOf({ MARKETO_COOKIE_PREFIX: '' })).not.toHaveProperty('cookiePrefix')
    expect(prefixOf({ MARKETO_COOKIE_PREFIX: '_mkto_trk=' })).toHaveProperty('cookiePrefix', '_mkto_trk=')
  })

  it.each(['_mkto_trk', '_mkto_trk%3D', 'true'])('refuses %j as the prefix of cookies', (prefix) => {
    const problems = problemsOf({ ...REST, MARKETO_COOKIE_PREFIX: prefix }, FORMS)

    expect(problems).toEqual(['MARKETO_COOKIE_PREFIX: must be _mkto_trk= or not set'])
  })

  it('has credentials that change with each of its parts and with its transport', () => {
    const texts = [
      ENV,
      { ...ENV, MARKETO_NEXT_SECRET_KEY: 'next' },
      REST,
      { ...REST, MARKETO_CLIENT_ID: 'other' },
      { ...REST, MARKETO_CLIENT_SECRET: 'other' },
      { ...REST, MARKETO_REST_ENDPOINT: 'https://999-xyz-111.mktorest.com' },
    ].map((env) => credentialsOf(readConfig(env, FORMS).marketo))

    expect(new Set(texts).size).toBe(6)
  })

  it.each([
    [
      'workspace',
      'Europe',
      REST,
      'REST has no workspaces; write "partition" with the name of a lead partition, or remove the key',
    ],
    [
      'partition',
      'Europe',
      ENV,
      'SOAP has no partitions; write "workspace" with the name of a workspace, or remove the key',
    ],
    ['lookup', 'Email', ENV, 'SOAP finds people by their e-mail address; remove the key'],
    ['duplicates', 'newest', ENV, 'SOAP leaves it to Marketo which person is written; remove the key'],
    ['marketoForm', 1029, ENV, 'SOAP fills out no Marketo form; remove the key'],
    [
      'partition',
      'Europe',
      REST,
      'a Marketo form creates people in the partition of its workspace; remove "partition" or "marketoForm"',
      WITH_FORM,
    ],
    [
      'lookup',
      'Email',
      REST,
      'a Marketo form finds people by their e-mail address; remove "lookup" or "marketoForm"',
      WITH_FORM,
    ],
    [
      'duplicates',
      'park',
      REST,
      'a Marketo form always writes the newest of several people; remove "duplicates" or "marketoForm"',
      WITH_FORM,
    ],
    [
      'program',
      1044,
      REST,
      'only a Marketo form is filled out in a program; add "marketoForm" with its id, or remove the key',
    ],
    [
      'receipt',
      'Form_Sync_Id__c',
      REST,
      'only a Marketo form can be filled out twice; add "marketoForm" with its id, or remove the key',
    ],
    [
      'duplicates',
      'newest',
      REST,
      'the newest person is looked for by the e-mail address, in all partitions; write "park", or remove "partition"',
      { partition: 'Europe' },
    ],
    [
      'duplicates',
      'newest',
      REST,
      'the newest person is looked for by the e-mail address, in all partitions; write "park", or remove "lookup"',
      { lookup: 'Email' },
    ],
    ['duplicates', 'oldest', REST, '"oldest" is not allowed; allowed are "park", "newest"'],
    ['marketoForm', '1029', REST, 'must be a whole number such as 1029: the id at the end of its URL in Marketo'],
    ['marketoForm', 0, REST, 'must be a whole number such as 1029: the id at the end of its URL in Marketo'],
    ['program', 1.5, REST, 'must be a whole number such as 1029: the id at the end of its URL in Marketo', WITH_FORM],
    [
      'receipt',
      'Phone',
      REST,
      '"Phone" is a standard field; write the name of a custom field, such as "Form_Sync_Id__c"',
      WITH_FORM,
    ],
  ] as [key: string, value: unknown, env: typeof ENV | typeof REST, problem: string, others?: object][])(
    'rejects a key of a form that its path to Marketo cannot honour: %s %j',
    (key, value, env, problem, others) => {
      const forms = { forms: { contact: { ...CONTACT, ...others, [key]: value } } }

      expect(problemsOf(env, forms)).toEqual([`forms.contact.${key}: ${problem}`])
    },
  )

  it('rejects a field that is cleared by a form that fills out a Marketo form', () => {
    const fields = { ...CONTACT.fields, phone: { attribute: 'Phone', blank: 'clear' } }

    expect(problemsOf(REST, { forms: { contact: { ...CONTACT, ...WITH_FORM, fields } } })).toEqual([
      'forms.contact.fields.phone.blank: a Marketo form leaves an attribute without a value unchanged; write "skip", or remove "marketoForm"',
    ])
  })

  it.each([
    ['Email', { type: 'email', required: true }, true],
    ['Customer__c', { required: true }, true],
    ['Agreed__c', { type: 'boolean' }, true],
    ['Phone', { blank: 'clear' }, true],
    ['Company', {}, false],
  ])(
    'rejects a field that is sent where Marketo has no value, and never or always would be: %s %j',
    (name, field, isRejected) => {
      const fields = {
        ...CONTACT.fields,
        Customer__c: { required: true },
        [name]: { ...field, overwrite: 'when-empty' },
      }

      const problems = problemsOf(REST, { forms: { contact: { ...CONTACT, lookup: 'Customer__c', fields } } })

      const problem = `forms.contact.fields.${name}.overwrite: "when-empty" is not allowed; allowed are "always"`
      expect(problems).toEqual(isRejected ? [problem] : [])
    },
  )

  it('rejects a look-up of people where the rate leaves no second call for a lead', () => {
    const fields = { ...CONTACT.fields, Company: { overwrite: 'when-empty' } }
    const forms = { forms: { contact: { ...CONTACT, fields } } }
    const of = (calls: string, more = {}) => problemsOf({ ...REST, MARKETO_CALLS_PER_20S: calls, ...more }, forms)

    expect(of('4')).toEqual([])
    expect(of('3')).toEqual([
      'forms.contact.fields: "when-empty" takes two calls; raise MARKETO_CALLS_PER_20S to 4 or more for each shard',
    ])
    expect(of('10', { FORM_SYNC_SHARDS: '3' })).toEqual([expect.stringContaining('to 4 or more for each shard')])
  })

  it('reads which attributes are sent only where Marketo has no value, by their SOAP names', () => {
    const fields = { ...CONTACT.fields, company: { overwrite: 'when-empty' }, Phone: { overwrite: 'always' } }

    expect(readConfig(ENV, { forms: { contact: { ...CONTACT, fields } } }).forms.get('contact')?.whenEmpty).toEqual([
      'Company',
    ])
    expect(readConfig(ENV, FORMS).forms.get('contact')).not.toHaveProperty('whenEmpty')
  })

  it('rejects a receipt that another key of the form writes', () => {
    const form = { ...CONTACT, ...WITH_FORM, receipt: 'Form_Sync_Id__c', constants: { form_sync_id__c: 'x' } }

    expect(problemsOf(REST, { forms: { contact: form } })).toEqual([
      'forms.contact.receipt: writes "Form_Sync_Id__c", but constants.form_sync_id__c already writes "form_sync_id__c" (case is ignored); remove one of them',
    ])
  })

  it('of REST names a Marketo form, its program and its receipt, or writes the newest of several people', () => {
    const submitted = { ...CONTACT, ...WITH_FORM, program: 1044, receipt: 'Form_Sync_Id__c' }
    const forms = { submitted, newest: { ...CONTACT, duplicates: 'newest' }, park: { ...CONTACT, duplicates: 'park' } }

    const read = readConfig(REST, { forms }).forms

    expect(read.get('submitted')).toMatchObject({ marketoForm: 1029, program: 1044, receipt: 'Form_Sync_Id__c' })
    expect(read.get('newest')).toMatchObject({ duplicates: 'newest' })
    expect(read.get('park')).not.toHaveProperty('duplicates')
  })

  it('of REST has a partition and a field by which people are found', () => {
    const fields = { ...CONTACT.fields, customer: { attribute: 'Customer__c', required: true } }
    const form = { ...CONTACT, fields, partition: 'Europe', lookup: 'Customer__c' }

    const read = readConfig(REST, { forms: { contact: form } }).forms.get('contact')

    expect(read).toMatchObject({ partition: 'Europe', lookup: 'Customer__c' })
  })

  it.each([
    ['no field writes', {}],
    ['a field writes that may be empty', { customer: { attribute: 'Customer__c' } }],
  ])('of REST cannot find people by a field that %s', (_, others) => {
    const form = { ...CONTACT, fields: { ...CONTACT.fields, ...others }, lookup: 'Customer__c' }

    expect(problemsOf(REST, { forms: { contact: form } })).toEqual([
      'forms.contact.lookup: "Customer__c" must be written by a required field of the form, because Marketo finds people by it',
    ])
  })
})

describe('attribute names of REST', () => {
  it('are read as those of SOAP, in fields, constants and capture', () => {
    const soap = {
      ...CONTACT,
      fields: { ...CONTACT.fields, sex: { attribute: 'MarketoSocialGender' }, SICCode: {} },
      constants: { LeadSource: 'Web' },
      capture: { page: 'Website', utm: 'UTM__c' },
    }
    const rest = {
      ...CONTACT,
      fields: {
        Email: { ...CONTACT.fields.Email, attribute: 'email' },
        sex: { attribute: 'gender' },
        SICCode: { attribute: 'sicCode' },
      },
      constants: { leadSource: 'Web' },
      capture: { page: 'website', utm: 'UTM__c' },
    }
    const read = (form: object) => readConfig(ENV, { forms: { contact: form } }).forms

    expect(read(rest)).toEqual(read(soap))
  })

  it('count as the same attribute as those of SOAP', () => {
    const fields = { ...CONTACT.fields, sex: { attribute: 'gender' }, social: { attribute: 'MarketoSocialGender' } }

    expect(problemsOf(ENV, { forms: { contact: { ...CONTACT, fields } } })).toEqual([
      'forms.contact.fields.social: writes "MarketoSocialGender", but fields.sex already writes "gender" (the same field); remove one of them',
    ])
  })
})

describe('the forms schema', () => {
  const root = join(import.meta.dirname, '../../..')
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as object
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(read('relay/config/forms.schema.json'))

  it.each([
    ['forms.json', read('forms.json')],
    ['the forms of the demo', demoForms('http://localhost:8080')],
  ])('accepts %s, as the relay does', (_, forms) => {
    const valid = validate(forms)

    expect(validate.errors).toBeNull()
    expect(valid).toBe(true)
    expect(problemsOf(ENV, forms)).toEqual([])
  })

  it.each([
    ['an unknown key', { ...CONTACT, origin: [] }],
    ['an unknown type', { ...CONTACT, fields: { Email: { type: 'mail' } } }],
    ['an origin with a path', { ...CONTACT, origins: ['https://www.acme.example/a'] }],
    ['a field with a reserved name', { ...CONTACT, fields: { ...CONTACT.fields, _id: {} } }],
    ['no fields', { origins: CONTACT.origins }],
    ['a thanks URL that is not absolute', { ...CONTACT, thanks: '/thanks' }],
  ])('rejects %s, as the relay does', (_, form) => {
    const forms = { forms: { contact: form } }

    expect(validate(forms)).toBe(false)
    expect(problemsOf(ENV, forms)).not.toEqual([])
  })

  it.each<[string, object, boolean]>([
    ['a Marketo form', WITH_FORM, true],
    ['its program and receipt', { ...WITH_FORM, program: 1044, receipt: 'Form_Sync_Id__c' }, true],
    ['all parts of a decision', { consent: { decision: 'a', source: 'b', time: 'c', detail: 'd' } }, true],
    ['another part of a decision', { consent: { field: 'a' } }, false],
    ['a part of a decision without a name', { consent: { time: '' } }, false],
    ['the newest of several people', { duplicates: 'newest' }, true],
    ['a Marketo form by a text', { marketoForm: '1029' }, false],
    ['a Marketo form of 0', { marketoForm: 0 }, false],
    ['a program alone', { program: 1044 }, false],
    ['a receipt alone', { receipt: 'Form_Sync_Id__c' }, false],
    ['an empty receipt', { ...WITH_FORM, receipt: ' ' }, false],
    ['a Marketo form in a partition', { ...WITH_FORM, partition: 'Europe' }, false],
    ['a Marketo form with a lookup field', { ...WITH_FORM, lookup: 'Email' }, false],
    ['a Marketo form with duplicates', { ...WITH_FORM, duplicates: 'park' }, false],
    [
      'a Marketo form that clears a field',
      { ...WITH_FORM, fields: { ...CONTACT.fields, Phone: { blank: 'clear' } } },
      false,
    ],
    ['the newest in a partition', { duplicates: 'newest', partition: 'Europe' }, false],
    ['the newest by another field', { duplicates: 'newest', lookup: 'Email' }, false],
    ['another choice for duplicates', { duplicates: 'oldest' }, false],
    ['a field that is sent where Marketo has no value', withPhone({ overwrite: 'when-empty' }), true],
    ['a field that is always sent', withPhone({ overwrite: 'always', blank: 'clear' }), true],
    ['another choice for overwriting', withPhone({ overwrite: 'never' }), false],
    ['a field that is cleared and kept', withPhone({ overwrite: 'when-empty', blank: 'clear' }), false],
    ['a boolean that is kept', withPhone({ overwrite: 'when-empty', type: 'boolean' }), false],
    ['a maximum of waiting leads', { maxWaiting: 500 }, true],
    ['a maximum of no leads', { maxWaiting: 0 }, false],
    ['a maximum by a text', { maxWaiting: '500' }, false],
    ['a maximum of half a lead', { maxWaiting: 1.5 }, false],
  ])('and the relay agree on %s', (_, keys, isValid) => {
    const forms = { forms: { contact: { ...CONTACT, ...keys } } }

    expect(validate(forms)).toBe(isValid)
    expect(problemsOf(REST, forms).length === 0).toBe(isValid)
  })
})
