/** Several Marketo accounts in the configuration: names, variables, and what is wrong with them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { isAccountName, nameVariables } from '../../../relay/account-name.ts'
import { ConfigError, readAccountSettings, readConfig } from '../../../relay/config/config.ts'

const SOAP = {
  MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktoapi.com/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
}
const SANDBOX = {
  MARKETO_SANDBOX_REST_ENDPOINT: 'https://987-zyx-654.mktorest.com/rest',
  MARKETO_SANDBOX_CLIENT_ID: 'sandbox-client',
  MARKETO_SANDBOX_CLIENT_SECRET: 'sandbox secret',
}
const CONTACT = { origins: ['https://www.acme.example'], fields: { Email: { type: 'email', required: true } } }
const TRIAL = { ...CONTACT, account: 'sandbox' }
const FORMS = { forms: { contact: CONTACT, trial: TRIAL } }

/** The variables of an account in docs/deploy.md, without its name. */
const VARIABLES = [
  'MARKETO_REST_ENDPOINT',
  'MARKETO_CLIENT_ID',
  'MARKETO_CLIENT_SECRET',
  'MARKETO_TRANSPORT',
  'MARKETO_SOAP_ENDPOINT',
  'MARKETO_USER_ID',
  'MARKETO_SECRET_KEY',
  'MARKETO_NEXT_SECRET_KEY',
  'MARKETO_COOKIE_PREFIX',
  'MARKETO_CALLS_PER_20S',
  'MARKETO_CONCURRENCY',
  'MARKETO_CALLS_PER_DAY',
  'MARKETO_LEADS_PER_CALL',
  'MARKETO_TIMEOUT',
  'MARKETO_WEAK_SHARE',
  'MARKETO_SERVER_SHARE',
  'MUNCHKIN_ID',
  'FORM_SYNC_SHARDS',
]

function problemsOf(env: Record<string, string>, forms: unknown): readonly string[] {
  try {
    readConfig(env, forms)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('a form that names an account', () => {
  it('belongs to it, and the others belong to the account without a name', () => {
    const { forms } = readConfig({ ...SOAP, ...SANDBOX }, FORMS)

    expect([...forms.values()].map(({ name, account }) => [name, account])).toEqual([
      ['contact', 'default'],
      ['trial', 'sandbox'],
    ])
  })

  it('is checked for the transport of that account', () => {
    const forms = (account: object) => ({ forms: { trial: { ...CONTACT, partition: 'Europe', ...account } } })

    expect(problemsOf({ ...SOAP, ...SANDBOX }, forms({ account: 'sandbox' }))).toEqual([])
    expect(problemsOf({ ...SOAP, ...SANDBOX }, forms({}))).toEqual([
      expect.stringMatching(/^forms\.trial\.partition: SOAP has no partitions/),
    ])
  })

  it('is a problem when that account has no variables, which says what to set', () => {
    expect(problemsOf(SOAP, FORMS)).toEqual([
      'forms.trial.account: set the variables of the account "sandbox": MARKETO_SANDBOX_REST_ENDPOINT, MARKETO_SANDBOX_CLIENT_ID, MARKETO_SANDBOX_CLIENT_SECRET',
    ])
  })

  it.each(['Sandbox', 'sand_box', '-sandbox', 'sandbox-', '', 'a'.repeat(33), 'default', 7])(
    'is a problem when that is not the name of an account: %j',
    (account) => {
      expect(problemsOf(SOAP, { forms: { trial: { ...CONTACT, account } } })).toEqual([
        expect.stringMatching(/^forms\.trial\.account: must be 1 to 32 lower-case letters, digits and -/),
      ])
    },
  )

  it.each(['rest', 'soap', 'next', 'calls', 'calls-per', 'leads', 'client', 'user', 'secret', 'munchkin', 'eu-next'])(
    'is a problem when the variables of that account could be those of another one: %s',
    (account) => {
      const prefix = `MARKETO_${account.toUpperCase().replaceAll('-', '_')}`
      const variables = { [`${prefix}_CLIENT_ID`]: 'x', [`${prefix}_CLIENT_SECRET`]: 'x' }

      expect(problemsOf({ ...SOAP, ...variables }, { forms: { trial: { ...CONTACT, account } } })).toEqual([
        expect.stringMatching(/^forms\.trial\.account: .* without the word of a variable/),
      ])
    },
  )
})

describe('the variables of a named account', () => {
  it('carry its name, and have the defaults of the others', () => {
    const { accounts } = readConfig(
      {
        ...SOAP,
        ...SANDBOX,
        MARKETO_CALLS_PER_DAY: '900',
        MARKETO_SANDBOX_CALLS_PER_DAY: '77',
        MARKETO_SANDBOX_MUNCHKIN_ID: '111-AAA-222',
        MARKETO_SANDBOX_CONCURRENCY: '3',
        MARKETO_SANDBOX_WEAK_SHARE: '5',
        MARKETO_SANDBOX_SHARDS: '2',
        MARKETO_SANDBOX_COOKIE_PREFIX: '_mkto_trk=',
      },
      FORMS,
    )

    expect([...accounts.keys()]).toEqual(['default', 'sandbox'])
    expect(accounts.get('default')).toMatchObject({
      marketo: { userId: 'acme_1' },
      munchkinId: '123-ABC-456',
      limits: { callsPerDay: 900, concurrency: 5 },
      shards: 1,
    })
    expect(accounts.get('sandbox')).toEqual({
      marketo: {
        transport: 'rest',
        endpoint: 'https://987-zyx-654.mktorest.com',
        clientId: 'sandbox-client',
        clientSecret: 'sandbox secret',
        cookiePrefix: '_mkto_trk=',
      },
      munchkinId: '111-AAA-222',
      limits: {
        callsPer20s: 50,
        concurrency: 3,
        callsPerDay: 77,
        weakShare: 5,
        serverShare: 0,
        leadsPerCall: 300,
        timeout: 90_000,
      },
      shards: 2,
    })
  })

  it('have a dash of the name as an underscore', () => {
    const env = {
      ...SOAP,
      MARKETO_EU_WEST_REST_ENDPOINT: 'https://987-zyx-654.mktorest.com/rest',
      MARKETO_EU_WEST_CLIENT_ID: 'west',
      MARKETO_EU_WEST_CLIENT_SECRET: 'secret',
    }

    const { accounts } = readConfig(env, { forms: { trial: { ...CONTACT, account: 'eu-west' } } })

    expect(accounts.get('eu-west')).toMatchObject({ marketo: { clientId: 'west' }, munchkinId: '987-ZYX-654' })
  })

  it('are named in each problem, and all problems are reported at once', () => {
    const { MARKETO_SANDBOX_CLIENT_SECRET: _, ...incomplete } = SANDBOX
    const env = {
      ...incomplete,
      MARKETO_USER_ID: 'acme_1',
      MARKETO_SECRET_KEY: 'correct horse battery',
      MARKETO_SANDBOX_MUNCHKIN_ID: 'acme',
      MARKETO_SANDBOX_CONCURRENCY: '11',
      MARKETO_SANDBOX_SHARDS: '12',
    }

    const problems = problemsOf(env, { forms: { ...FORMS.forms, other: { ...CONTACT, account: 'other' } } })

    expect(problems).toEqual([
      'MARKETO_SOAP_ENDPOINT: is not set, but other SOAP variables are',
      'MARKETO_SANDBOX_CLIENT_SECRET: is not set, but other REST variables are',
      'MARKETO_SANDBOX_MUNCHKIN_ID: must look like 123-ABC-456',
      'MARKETO_SANDBOX_CONCURRENCY: must be a whole number from 1 to 10, the maximum that Marketo allows',
      'MARKETO_SANDBOX_SHARDS: must be a whole number from 1 to 11, the smaller of MARKETO_SANDBOX_CONCURRENCY and MARKETO_SANDBOX_CALLS_PER_20S',
      expect.stringMatching(/^forms\.other\.account: set the variables of the account "other": MARKETO_OTHER_/),
    ])
  })

  it('never repeat a secret in a problem', () => {
    const problems = problemsOf({ ...SOAP, MARKETO_SANDBOX_CLIENT_SECRET: 'sandbox secret' }, FORMS)

    expect(problems).not.toEqual([])
    expect(problems.join()).not.toContain('sandbox secret')
  })

  it('are those of one account alone, whatever the names of two accounts are', () => {
    const words = [
      'eu',
      'west',
      'next',
      'rest',
      'soap',
      'user',
      'secret',
      'client',
      'calls',
      'per',
      'leads',
      'munchkin',
    ]
    const pairs = words.flatMap((first) => words.map((second) => `${first}-${second}`))
    const names = ['default', ...[...words, ...pairs, ...pairs.map((pair) => `eu-${pair}`)].filter(isAccountName)]

    const variables = names.flatMap((name) => VARIABLES.map((variable) => nameVariables(name, variable)))

    expect(names).toContain('rest-west')
    expect(new Set(variables).size).toBe(variables.length)
  })
})

describe('an account that no form names', () => {
  const CONTACT_ALONE = { forms: { contact: CONTACT } }

  it('is reported, and still delivers leads that were accepted for it', () => {
    const { accounts, unusedAccounts } = readConfig({ ...SOAP, ...SANDBOX }, CONTACT_ALONE)

    expect([...accounts.keys()]).toEqual(['default', 'sandbox'])
    expect(unusedAccounts).toEqual([{ account: 'sandbox', reason: 'no form names it' }])
  })

  it('prevents no start when its variables are incomplete', () => {
    const env = { ...SOAP, MARKETO_SANDBOX_CLIENT_ID: 'sandbox-client' }

    const { accounts, unusedAccounts } = readConfig(env, CONTACT_ALONE)

    expect([...accounts.keys()]).toEqual(['default'])
    expect(unusedAccounts).toEqual([
      {
        account: 'sandbox',
        reason: expect.stringMatching(/^no form names it; MARKETO_SANDBOX_REST_ENDPOINT: is not set, but/) as unknown,
      },
    ])
  })

  it.each(['MARKETO_REST_CLIENT_ID', 'MARKETO_NEXT_USER_ID', 'MARKETO_DEFAULT_CLIENT_ID'])(
    'is not looked for under a name that no account may have: %s',
    (variable) => {
      const { accounts, unusedAccounts } = readConfig({ ...SOAP, [variable]: 'x' }, CONTACT_ALONE)

      expect([...accounts.keys()]).toEqual(['default'])
      expect(unusedAccounts).toEqual([])
    },
  )
})

describe('two accounts', () => {
  const both = (change: Record<string, string>) => ({ ...SOAP, ...SANDBOX, ...change })
  const forms = { forms: { ...FORMS.forms, other: { ...CONTACT, account: 'other' } } }

  it.each([
    [
      'REST',
      both({
        MARKETO_OTHER_REST_ENDPOINT: 'https://987-ZYX-654.mktorest.com/identity/',
        MARKETO_OTHER_CLIENT_ID: 'sandbox-client',
        MARKETO_OTHER_CLIENT_SECRET: 'another secret',
      }),
      'MARKETO_OTHER_CLIENT_ID: is that of the account "sandbox", with one endpoint: they would share their limits',
    ],
    [
      'SOAP',
      both({
        MARKETO_OTHER_SOAP_ENDPOINT: SOAP.MARKETO_SOAP_ENDPOINT,
        MARKETO_OTHER_USER_ID: 'acme_1',
        MARKETO_OTHER_SECRET_KEY: 'another key',
      }),
      'MARKETO_OTHER_USER_ID: is that of the account "default", with one endpoint: they would share their limits',
    ],
  ])('with the same endpoint and user of %s are a problem', (_, env, problem) => {
    expect(problemsOf(env, forms)).toEqual([expect.stringContaining(problem)])
  })

  it('may have the same endpoint and other users', () => {
    const env = both({
      MARKETO_OTHER_REST_ENDPOINT: SANDBOX.MARKETO_SANDBOX_REST_ENDPOINT,
      MARKETO_OTHER_CLIENT_ID: 'other-client',
      MARKETO_OTHER_CLIENT_SECRET: 'other secret',
    })

    expect(problemsOf(env, forms)).toEqual([])
  })
})

it('the settings of one account are those of the whole configuration', () => {
  const env = { ...SOAP, ...SANDBOX, MARKETO_SANDBOX_TIMEOUT: '30' }

  const { accounts } = readConfig(env, FORMS)
  const read = ['default', 'sandbox'].map((account) => {
    const { transport: _, ...settings } = readAccountSettings(env, account, () => {})
    return settings
  })

  expect(read).toEqual([...accounts.values()])
  expect(read[1]?.limits.timeout).toBe(30_000)
})

describe('the forms schema', () => {
  const schema = readFileSync(join(import.meta.dirname, '../../../relay/config/forms.schema.json'), 'utf8')
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(JSON.parse(schema) as object)

  it.each(['sandbox', 'eu-west', '2', 'a'.repeat(32), 'rest-west'])(
    'accepts the account %s, as the relay does',
    (account) => {
      expect(validate({ forms: { trial: { ...CONTACT, account } } })).toBe(true)
      expect(isAccountName(account)).toBe(true)
    },
  )

  it.each(['Sandbox', 'sand_box', '-a', 'a-', '', 'a'.repeat(33), 'default', 'rest', 'eu-next', 'calls-per'])(
    'rejects the account %j, as the relay does',
    (account) => {
      expect(validate({ forms: { trial: { ...CONTACT, account } } })).toBe(false)
      expect(isAccountName(account)).toBe(false)
    },
  )
})
