import { describe, expect, it } from 'vitest'
import { createMarketo, MarketoError, type Marketo, type SyncLead } from '../../../../relay/marketo/index.ts'
import { marketoOf } from './calls.ts'
import { ACCOUNT, COOKIE, ENDPOINT } from './samples.ts'

const NO_KEY = 'a key is missing: id, email, foreignSysPersonId or marketoCookie'
const NO_KEY_AMONG_MANY = 'a key is missing: id, email or foreignSysPersonId'
const keys = (count: number) => Array.from({ length: count }, (_, at) => ({ id: at + 1 }))

/** Any input, as from a program without types or from JSON. */
type AnyInput = Record<string, unknown> | string | number | null | undefined

type Row = [what: string, input: AnyInput, problems: [field: string, message: string][]]

function rejects(operation: keyof Marketo, rows: Row[]): void {
  it.each(rows)('%s', async (_what, input, problems) => {
    const { marketo, requests } = marketoOf(() => new Response(''))
    const ask = marketo[operation] as (input: unknown) => Promise<unknown>

    const error: unknown = await ask(input).catch((thrown: unknown) => thrown)

    expect(error).toBeInstanceOf(MarketoError)
    expect(error).toMatchObject({
      code: 'input',
      operation,
      retryable: false,
      uncertain: false,
      problems: problems.map(([field, message]) => ({ field, message })),
    })
    for (const [field, message] of problems) expect(String(error)).toContain(field ? `${field} ${message}` : message)
    expect(requests).toEqual([])
  })
}

describe('syncLead sends nothing and rejects', () => {
  const ana = { email: 'ana@acme.example' }
  rejects('syncLead', [
    ['a lead without a key', { attributes: { FirstName: 'Ana' } }, [['', NO_KEY]]],
    ['blank keys', { email: ' ', foreignSysPersonId: '', marketoCookie: '\n' }, [['', NO_KEY]]],
    ['a key of control characters', { email: '\u0000\u0001' }, [['', NO_KEY]]],
    ['undefined', undefined, [['', 'must be an object']]],
    ['a string', 'ana@acme.example', [['', 'must be an object']]],
    ['an id of 0', { id: 0 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['too large an id', { id: 2 ** 31 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['a fractional id', { id: 1.5 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['an id as text', { id: '7' }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['an e-mail address that is not text', { id: 1, email: 5 }, [['email', 'must be text']]],
    [
      'a foreign id without its system',
      { foreignSysPersonId: '1' },
      [['foreignSysType', 'must be one of CUSTOM, SFDC, NETSUITE']],
    ],
    [
      'a foreign system in lower case',
      { foreignSysPersonId: '1', foreignSysType: 'sfdc' },
      [['foreignSysType', 'must be one of CUSTOM, SFDC, NETSUITE']],
    ],
    [
      'a duplicate attribute',
      {
        ...ana,
        attributes: [
          { name: 'Company', value: 'a' },
          { name: 'Company', value: 'b' },
        ],
      },
      [['attributes[1].name', 'is a duplicate: Company']],
    ],
    [
      'a duplicate attribute in another case',
      { ...ana, attributes: { Company: 'a', company: 'b' } },
      [['attributes[1].name', 'is a duplicate: company']],
    ],
    ['an attribute without a name', { ...ana, attributes: [{ value: 'a' }] }, [['attributes[0].name', 'is missing']]],
    [
      'a value that is not text',
      { ...ana, attributes: { LeadScore: 5 } },
      [['attributes[0].value', 'must be text: LeadScore']],
    ],
    [
      'an attribute without a value',
      { ...ana, attributes: [{ name: 'City', value: null }] },
      [['attributes[0].value', 'must be text: City']],
    ],
    [
      'a type that is not text',
      { ...ana, attributes: [{ name: 'City', value: '', type: 1 }] },
      [['attributes[0].type', 'must be text']],
    ],
    [
      'attributes that are neither list nor object',
      { ...ana, attributes: 'City=Köln' },
      [['attributes', 'must be a list of names and values, or an object']],
    ],
    [
      'an attribute that is not an object',
      { ...ana, attributes: [null] },
      [['attributes[0]', 'must be an object with a name and a value']],
    ],
    ['a returnLead that is not boolean', { ...ana, returnLead: 'false' }, [['returnLead', 'must be true or false']]],
    ['a cookie that is not text', { ...ana, marketoCookie: {} }, [['marketoCookie', 'must be text']]],
    ['a workspace that is not text', { ...ana, workspace: 1 }, [['workspace', 'must be text']]],
    [
      'an unknown field',
      { ...ana, Email: 'ana@acme.example' },
      [
        [
          'Email',
          'is not a known field; use id, email, foreignSysPersonId, foreignSysType, attributes, returnLead, marketoCookie, workspace, partition, lookup',
        ],
      ],
    ],
    [
      'several problems at once',
      { id: -1, returnLead: 1 },
      [
        ['id', 'must be a whole number from 1 to 2147483647'],
        ['returnLead', 'must be true or false'],
      ],
    ],
  ])

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('a timeout of %d', async (timeout) => {
    const { marketo, requests } = marketoOf(() => new Response(''))

    await expect(marketo.syncLead(ana, { timeout })).rejects.toMatchObject({
      code: 'input',
      problems: [{ field: 'timeout', message: 'must be from 1 to 2147483647 milliseconds' }],
    })
    expect(requests).toEqual([])
  })

  it('a lead without quoting any of its values', async () => {
    const { marketo } = marketoOf(() => new Response(''))
    const secret = 'ana@acme.example'
    const lead = { id: secret, email: { secret }, foreignSysPersonId: secret, attributes: { City: [secret] } }

    const error: unknown = await marketo.syncLead(lead as unknown as SyncLead).catch((thrown: unknown) => thrown)

    expect(JSON.stringify(error) + String(error)).not.toContain('ana')
  })

  it.each([{ id: 1 }, ana, { foreignSysPersonId: '1', foreignSysType: 'CUSTOM' } as const, { marketoCookie: COOKIE }])(
    'but not a lead with the one key %j',
    async (lead) => {
      const { marketo, requests } = marketoOf(() => new Response(''))

      await marketo.syncLead(lead).catch(() => {})

      expect(requests).toHaveLength(1)
    },
  )
})

describe('syncMultipleLeads sends nothing and rejects', () => {
  rejects('syncMultipleLeads', [
    ['an empty list', { leads: [] }, [['leads', 'must be a list with at least one entry']]],
    ['a missing list', {}, [['leads', 'must be a list with at least one entry']]],
    ['301 leads', { leads: keys(301) }, [['leads', 'has 301 entries; one call takes at most 300']]],
    ['a lead without a key', { leads: [{ id: 1 }, {}] }, [['leads[1]', NO_KEY_AMONG_MANY]]],
    ['a lead that is null', { leads: [null] }, [['leads[0]', 'must be an object']]],
    [
      'a cookie',
      { leads: [{ id: 1, marketoCookie: COOKIE }] },
      [
        [
          'leads[0].marketoCookie',
          'is not a known field; use id, email, foreignSysPersonId, foreignSysType, attributes',
        ],
      ],
    ],
    [
      'a duplicate attribute',
      { leads: [{ id: 1, attributes: { a: '', A: '' } }] },
      [['leads[0].attributes[1].name', 'is a duplicate: A']],
    ],
    [
      'a dedupEnabled that is not boolean',
      { leads: [{ id: 1 }], dedupEnabled: 1 },
      [['dedupEnabled', 'must be true or false']],
    ],
  ])
})

describe('getLead sends nothing and rejects', () => {
  rejects('getLead', [
    ['a missing key', {}, [['', 'must have exactly one key: id, email, cookie, or keyType with keyValue']]],
    [
      'two keys',
      { id: 1, email: 'a' },
      [['', 'must have exactly one key: id, email, cookie, or keyType with keyValue']],
    ],
    ['a blank e-mail address', { email: '' }, [['email', 'is missing']]],
    ['an id that is not a number', { id: 'x' }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['a blank cookie', { cookie: ' ' }, [['cookie', 'is missing']]],
    [
      'an unknown key type',
      { keyType: 'PHONE', keyValue: '1' },
      [
        [
          'keyType',
          'must be one of IDNUM, COOKIE, EMAIL, LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID, SFDCOPPTYID',
        ],
      ],
    ],
    ['a key type without a value', { keyType: 'EMAIL' }, [['keyValue', 'is missing']]],
  ])
})

describe('describeMObject sends nothing and rejects', () => {
  rejects('describeMObject', [
    ['a missing name', {}, [['objectName', 'is missing']]],
    ['a name that is not text', { objectName: 1 }, [['objectName', 'must be text']]],
  ])
})

describe('requestCampaign sends nothing and rejects', () => {
  const leads = keys(1)
  rejects('requestCampaign', [
    ['a missing campaign', { leads }, [['', 'a campaign is missing: campaignId, or campaignName and programName']]],
    ['101 leads', { campaignId: 1, leads: keys(101) }, [['leads', 'has 101 entries; one call takes at most 100']]],
    ['an empty list', { campaignId: 1, leads: [] }, [['leads', 'must be a list with at least one entry']]],
    [
      'a campaign by id and by name',
      { leads, campaignId: 1, campaignName: 'a', programName: 'b' },
      [['campaignId', 'cannot be combined with campaignName, programName or tokens']],
    ],
    ['a campaign name without a program name', { leads, campaignName: 'a' }, [['programName', 'is missing']]],
    ['a program name without a campaign name', { leads, programName: 'a' }, [['campaignName', 'is missing']]],
    [
      'a token value that is not text',
      { leads, campaignName: 'a', programName: 'b', tokens: { c: 1 } },
      [['tokens', 'must have only text as values']],
    ],
    [
      'a token without a name',
      { leads, campaignName: 'a', programName: 'b', tokens: { '': 'x' } },
      [['tokens', 'has a value without a name']],
    ],
    [
      'a list of tokens',
      { leads, campaignName: 'a', programName: 'b', tokens: [] },
      [['tokens', 'must be an object of names and values']],
    ],
    ['an unknown source', { leads, campaignId: 1, source: 'WEB' }, [['source', 'must be one of MKTOWS, SALES']]],
  ])
})

describe('listOperation sends nothing and rejects', () => {
  const valid = { operation: 'ADDTOLIST', list: 'Show', leads: keys(1) }
  rejects('listOperation', [
    ['1,001 leads', { ...valid, leads: keys(1_001) }, [['leads', 'has 1001 entries; one call takes at most 1000']]],
    [
      'an empty key',
      { ...valid, leads: [{}] },
      [['leads[0]', 'must have exactly one key: id, email, cookie, or keyType with keyValue']],
    ],
    [
      'an unknown operation',
      { ...valid, operation: 'CLEARLIST' },
      [['operation', 'must be one of ADDTOLIST, ISMEMBEROFLIST, REMOVEFROMLIST']],
    ],
    ['a missing list', { ...valid, list: undefined }, [['list', 'is missing']]],
    [
      'an unknown list key type',
      { ...valid, list: { keyType: 'NAME', keyValue: 'x' } },
      [['list.keyType', 'must be one of MKTOLISTNAME, MKTOSALESUSERID, SFDCLEADOWNERID']],
    ],
    ['a list that is neither text nor object', { ...valid, list: 7 }, [['list', 'must be an object']]],
    ['a strict that is not boolean', { ...valid, strict: 'yes' }, [['strict', 'must be true or false']]],
  ])

  it.each([
    ['syncMultipleLeads', { leads: keys(300) }],
    ['requestCampaign', { campaignId: 1, leads: keys(100) }],
    ['listOperation', { ...valid, leads: keys(1_000) }],
  ] as const)('but not the maximum of leads for %s', async (operation, input) => {
    const { marketo, requests } = marketoOf(() => new Response(''))

    await (marketo[operation] as (input: unknown) => Promise<unknown>)(input).catch(() => {})

    expect(requests).toHaveLength(1)
  })
})

describe('createMarketo throws', () => {
  it.each([
    ['for an endpoint that is not a URL', { endpoint: 'mktoapi' }, /^endpoint must be an http or https URL/],
    [
      'for an endpoint with another scheme',
      { endpoint: 'ftp://mktoapi.example/' },
      /^endpoint must be an http or https URL/,
    ],
    [
      'for an endpoint with a password',
      { endpoint: 'https://u:hidden@mktoapi.example/' },
      /^endpoint must be(?!.*hidden)/,
    ],
    ['for an empty user id', { userId: '' }, /^userId must not be empty$/],
    ['for an empty key', { secretKey: '' }, /^secretKey must not be empty$/],
  ])('%s', (_what, options, message) => {
    expect(() => createMarketo({ endpoint: ENDPOINT, ...ACCOUNT, ...options })).toThrow(message)
  })
})
