import { describe, expect, it } from 'vitest'
import { createMarketo, MarketoError, type Marketo, type SyncLead } from '../../../../relay/marketo/index.ts'
import { marketoOf } from './calls.ts'
import { ACCOUNT, COOKIE, ENDPOINT } from './samples.ts'

const NO_KEY = 'a key is missing: id, email, foreignSysPersonId or marketoCookie'
const NO_KEY_AMONG_MANY = 'a key is missing: id, email or foreignSysPersonId'
const people = (count: number) => Array.from({ length: count }, (_, at) => ({ id: at + 1 }))

/** What a program without types, or a JSON text, may ask for. */
type Anything = Record<string, unknown> | string | number | null | undefined

type Row = [what: string, input: Anything, problems: [field: string, message: string][]]

function refusing(operation: keyof Marketo, rows: Row[]): void {
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

describe('syncLead is refused before a call is spent:', () => {
  const ana = { email: 'ana@acme.example' }
  refusing('syncLead', [
    ['without a key', { attributes: { FirstName: 'Ana' } }, [['', NO_KEY]]],
    ['with blank keys', { email: ' ', foreignSysPersonId: '', marketoCookie: '\n' }, [['', NO_KEY]]],
    ['with a key of which nothing arrives', { email: '\u0000\u0001' }, [['', NO_KEY]]],
    ['with nothing', undefined, [['', 'must be an object']]],
    ['with a text', 'ana@acme.example', [['', 'must be an object']]],
    ['with an id of 0', { id: 0 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['with an id too large', { id: 2 ** 31 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['with a broken id', { id: 1.5 }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['with an id as text', { id: '7' }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['with an e-mail that is no text', { id: 1, email: 5 }, [['email', 'must be text']]],
    [
      'with a foreign id without its system',
      { foreignSysPersonId: '1' },
      [['foreignSysType', 'must be one of CUSTOM, SFDC, NETSUITE']],
    ],
    [
      'with a system in another case',
      { foreignSysPersonId: '1', foreignSysType: 'sfdc' },
      [['foreignSysType', 'must be one of CUSTOM, SFDC, NETSUITE']],
    ],
    [
      'with an attribute twice',
      {
        ...ana,
        attributes: [
          { name: 'Company', value: 'a' },
          { name: 'Company', value: 'b' },
        ],
      },
      [['attributes[1].name', 'stands twice: Company']],
    ],
    [
      'with an attribute twice in another case',
      { ...ana, attributes: { Company: 'a', company: 'b' } },
      [['attributes[1].name', 'stands twice: company']],
    ],
    [
      'with an attribute without a name',
      { ...ana, attributes: [{ value: 'a' }] },
      [['attributes[0].name', 'is missing']],
    ],
    [
      'with a value that is no text',
      { ...ana, attributes: { LeadScore: 5 } },
      [['attributes[0].value', 'must be text: LeadScore']],
    ],
    [
      'with no value',
      { ...ana, attributes: [{ name: 'City', value: null }] },
      [['attributes[0].value', 'must be text: City']],
    ],
    [
      'with a type that is no text',
      { ...ana, attributes: [{ name: 'City', value: '', type: 1 }] },
      [['attributes[0].type', 'must be text']],
    ],
    [
      'with attributes that are none',
      { ...ana, attributes: 'City=Köln' },
      [['attributes', 'must be a list of names and values, or an object']],
    ],
    [
      'with an attribute that is none',
      { ...ana, attributes: [null] },
      [['attributes[0]', 'must be an object with a name and a value']],
    ],
    ['with returnLead that is neither', { ...ana, returnLead: 'false' }, [['returnLead', 'must be true or false']]],
    ['with a cookie that is no text', { ...ana, marketoCookie: {} }, [['marketoCookie', 'must be text']]],
    ['with a workspace that is no text', { ...ana, workspace: 1 }, [['workspace', 'must be text']]],
    [
      'with a field that would be lost',
      { ...ana, Email: 'ana@acme.example' },
      [
        [
          'Email',
          'is not known here; there is id, email, foreignSysPersonId, foreignSysType, attributes, returnLead, marketoCookie, workspace',
        ],
      ],
    ],
    [
      'with all that is wrong at once',
      { id: -1, returnLead: 1 },
      [
        ['id', 'must be a whole number from 1 to 2147483647'],
        ['returnLead', 'must be true or false'],
      ],
    ],
  ])

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('with a timeout of %d', async (timeout) => {
    const { marketo, requests } = marketoOf(() => new Response(''))

    await expect(marketo.syncLead(ana, { timeout })).rejects.toMatchObject({
      code: 'input',
      problems: [{ field: 'timeout', message: 'must be milliseconds from 1 to 2147483647' }],
    })
    expect(requests).toEqual([])
  })

  it('in words that quote no value', async () => {
    const { marketo } = marketoOf(() => new Response(''))
    const secret = 'ana@acme.example'
    const lead = { id: secret, email: { secret }, foreignSysPersonId: secret, attributes: { City: [secret] } }

    const error: unknown = await marketo.syncLead(lead as unknown as SyncLead).catch((thrown: unknown) => thrown)

    expect(JSON.stringify(error) + String(error)).not.toContain('ana')
  })

  it.each([{ id: 1 }, ana, { foreignSysPersonId: '1', foreignSysType: 'CUSTOM' } as const, { marketoCookie: COOKIE }])(
    'but not with the one key %j',
    async (lead) => {
      const { marketo, requests } = marketoOf(() => new Response(''))

      await marketo.syncLead(lead).catch(() => {})

      expect(requests).toHaveLength(1)
    },
  )
})

describe('syncMultipleLeads is refused before a call is spent:', () => {
  refusing('syncMultipleLeads', [
    ['with nobody', { leads: [] }, [['leads', 'must be a list with at least one in it']]],
    ['with no list', {}, [['leads', 'must be a list with at least one in it']]],
    ['with 301', { leads: people(301) }, [['leads', 'has 301, and one call takes 300']]],
    ['with one who has no key', { leads: [{ id: 1 }, {}] }, [['leads[1]', NO_KEY_AMONG_MANY]]],
    ['with one who is nobody', { leads: [null] }, [['leads[0]', 'must be an object']]],
    [
      'with a cookie',
      { leads: [{ id: 1, marketoCookie: COOKIE }] },
      [
        [
          'leads[0].marketoCookie',
          'is not known here; there is id, email, foreignSysPersonId, foreignSysType, attributes',
        ],
      ],
    ],
    [
      'with an attribute twice',
      { leads: [{ id: 1, attributes: { a: '', A: '' } }] },
      [['leads[0].attributes[1].name', 'stands twice: A']],
    ],
    [
      'with dedupEnabled that is neither',
      { leads: [{ id: 1 }], dedupEnabled: 1 },
      [['dedupEnabled', 'must be true or false']],
    ],
  ])
})

describe('getLead is refused before a call is spent:', () => {
  refusing('getLead', [
    ['without a key', {}, [['', 'must be one key: id, email, cookie, or keyType and keyValue']]],
    ['with two keys', { id: 1, email: 'a' }, [['', 'must be one key: id, email, cookie, or keyType and keyValue']]],
    ['with a blank e-mail', { email: '' }, [['email', 'is missing']]],
    ['with a broken id', { id: 'x' }, [['id', 'must be a whole number from 1 to 2147483647']]],
    ['with a blank cookie', { cookie: ' ' }, [['cookie', 'is missing']]],
    [
      'with a key of another kind',
      { keyType: 'PHONE', keyValue: '1' },
      [
        [
          'keyType',
          'must be one of IDNUM, COOKIE, EMAIL, LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID, SFDCOPPTYID',
        ],
      ],
    ],
    ['with a key of no value', { keyType: 'EMAIL' }, [['keyValue', 'is missing']]],
  ])
})

describe('describeMObject is refused before a call is spent:', () => {
  refusing('describeMObject', [
    ['without a name', {}, [['objectName', 'is missing']]],
    ['with a name that is no text', { objectName: 1 }, [['objectName', 'must be text']]],
  ])
})

describe('requestCampaign is refused before a call is spent:', () => {
  const leads = people(1)
  refusing('requestCampaign', [
    ['without a campaign', { leads }, [['', 'a campaign is missing: campaignId, or campaignName and programName']]],
    ['with 101 people', { campaignId: 1, leads: people(101) }, [['leads', 'has 101, and one call takes 100']]],
    ['with nobody', { campaignId: 1, leads: [] }, [['leads', 'must be a list with at least one in it']]],
    [
      'with both ways to name one',
      { leads, campaignId: 1, campaignName: 'a', programName: 'b' },
      [['campaignId', 'cannot stand beside campaignName, programName or tokens']],
    ],
    ['with a campaign without its program', { leads, campaignName: 'a' }, [['programName', 'is missing']]],
    ['with a program without its campaign', { leads, programName: 'a' }, [['campaignName', 'is missing']]],
    [
      'with a token that is no text',
      { leads, campaignName: 'a', programName: 'b', tokens: { c: 1 } },
      [['tokens', 'must have text as values']],
    ],
    [
      'with a token without a name',
      { leads, campaignName: 'a', programName: 'b', tokens: { '': 'x' } },
      [['tokens', 'has a value without a name']],
    ],
    [
      'with tokens in a list',
      { leads, campaignName: 'a', programName: 'b', tokens: [] },
      [['tokens', 'must be an object of names and values']],
    ],
    [
      'with a source of another kind',
      { leads, campaignId: 1, source: 'WEB' },
      [['source', 'must be one of MKTOWS, SALES']],
    ],
  ])
})

describe('listOperation is refused before a call is spent:', () => {
  const whole = { operation: 'ADDTOLIST', list: 'Show', leads: people(1) }
  refusing('listOperation', [
    ['with 1,001 people', { ...whole, leads: people(1_001) }, [['leads', 'has 1001, and one call takes 1000']]],
    [
      'with a key that is none',
      { ...whole, leads: [{}] },
      [['leads[0]', 'must be one key: id, email, cookie, or keyType and keyValue']],
    ],
    [
      'with another operation',
      { ...whole, operation: 'CLEARLIST' },
      [['operation', 'must be one of ADDTOLIST, ISMEMBEROFLIST, REMOVEFROMLIST']],
    ],
    ['without a list', { ...whole, list: undefined }, [['list', 'is missing']]],
    [
      'with a list of another kind',
      { ...whole, list: { keyType: 'NAME', keyValue: 'x' } },
      [['list.keyType', 'must be one of MKTOLISTNAME, MKTOSALESUSERID, SFDCLEADOWNERID']],
    ],
    ['with a list that is neither', { ...whole, list: 7 }, [['list', 'must be an object']]],
    ['with strict that is neither', { ...whole, strict: 'yes' }, [['strict', 'must be true or false']]],
  ])

  it.each([
    ['syncMultipleLeads', { leads: people(300) }],
    ['requestCampaign', { campaignId: 1, leads: people(100) }],
    ['listOperation', { ...whole, leads: people(1_000) }],
  ] as const)('but not %s with as many as are allowed', async (operation, input) => {
    const { marketo, requests } = marketoOf(() => new Response(''))

    await (marketo[operation] as (input: unknown) => Promise<unknown>)(input).catch(() => {})

    expect(requests).toHaveLength(1)
  })
})

describe('a client is not made', () => {
  it.each([
    ['for an endpoint that is no address', { endpoint: 'mktoapi' }, /^endpoint must be an address/],
    ['for an endpoint of another kind', { endpoint: 'ftp://mktoapi.example/' }, /^endpoint must be an address/],
    [
      'for an endpoint with a password',
      { endpoint: 'https://u:hidden@mktoapi.example/' },
      /^endpoint must be(?!.*hidden)/,
    ],
    ['without a user', { userId: '' }, /^userId is empty$/],
    ['without a key', { secretKey: '' }, /^secretKey is empty$/],
  ])('%s', (_what, options, message) => {
    expect(() => createMarketo({ endpoint: ENDPOINT, ...ACCOUNT, ...options })).toThrow(message)
  })
})
