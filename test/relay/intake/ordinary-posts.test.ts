/** What the forms of real pages and programs post is taken, and what cannot be taken is refused with the name of its field. */
import { describe, expect, it } from 'vitest'
import { createApp, readConfig } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { ACME, keptLead, NOW } from '../../support/relay.ts'

const FORMS = {
  forms: {
    contact: {
      origins: [ACME],
      fields: {
        Email: { type: 'email', required: true },
        LastName: { required: true },
        Newsletter: { type: 'boolean', attribute: 'Newsletter__c' },
        Terms: { type: 'boolean', attribute: 'Terms__c', required: false },
        Size: { type: 'number', attribute: 'Size__c' },
        Phone: { type: 'tel' },
        Message: { type: 'textarea', attribute: 'Message__c' },
      },
    },
  },
}
const FORM = 'application/x-www-form-urlencoded'
const REQUIRED = 'Email=ana@acme.example&LastName=M'

function relay() {
  const outbox = createMemoryOutbox()
  const app = createApp({
    config: readConfig(
      {
        MARKETO_REST_ENDPOINT: 'https://marketo.example/rest',
        MARKETO_CLIENT_ID: 'id',
        MARKETO_CLIENT_SECRET: 'secret',
      },
      FORMS,
    ),
    outbox,
    wake: () => {},
    now: () => NOW,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    log: () => {},
  })
  const send = async (body: BodyInit, type?: string) =>
    app.request('/f/contact', {
      method: 'POST',
      body,
      headers: { accept: 'application/json', ...(type !== undefined && { 'content-type': type }) },
    })
  return { outbox, send }
}

/** Posts a body, and returns the values of the stored lead by attribute. */
async function stored(body: BodyInit, type?: string): Promise<Record<string, string>> {
  const { outbox, send } = relay()
  const response = await send(body, type)
  expect(response.status, await response.clone().text()).toBe(202)
  const { email, attributes } = await keptLead(outbox, response)
  return { Email: email, ...Object.fromEntries(attributes.map(({ name, value }) => [name, value])) }
}

/** Posts a body that is refused, and returns the status with the body of the reply. */
async function refused(body: BodyInit, type: string) {
  const response = await relay().send(body, type)
  return { status: response.status, ...((await response.json()) as { code: string; errors?: { field: string }[] }) }
}

/** Writes text as a page in windows-1252 does: one byte a character, each as an escape. */
function percentEncode(bytes: number[]): string {
  return bytes.map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
}

describe('a check box', () => {
  it.each([
    ['ticked beside its hidden companion', 'Newsletter=0&Newsletter=1', '1'],
    ['ticked before its hidden companion', 'Newsletter=true&Newsletter=false', '1'],
    ['not ticked beside its hidden companion', 'Newsletter=0', '0'],
    ['two of one name, both ticked', 'Newsletter=on&Newsletter=on', '1'],
    ['two hidden companions', 'Newsletter=no&Newsletter=0', '0'],
  ])('%s is one value', async (_what, posted, value) => {
    expect(await stored(`${REQUIRED}&${posted}`, FORM)).toMatchObject({ Newsletter__c: value })
  })

  it('with a value that is neither yes nor no is refused, also beside one that is', async () => {
    expect(await refused(`${REQUIRED}&Newsletter=perhaps&Newsletter=1`, FORM)).toMatchObject({
      status: 422,
      errors: [{ field: 'Newsletter', code: 'format' }],
    })
  })
})

describe('a number', () => {
  it.each([
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['1e3', '1000'],
    ['1E+3', '1000'],
    ['1.25e1', '12.5'],
    ['1.25e2', '125'],
    ['12e-3', '0.012'],
    ['-1.5e-1', '-0.15'],
    ['0.1e1', '1'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['007.50', '007.50'],
  ])('as browsers write it is taken in plain notation, and no digit changes: %s', async (posted, value) => {
    expect(await stored(`${REQUIRED}&Size=${encodeURIComponent(posted)}`, FORM)).toMatchObject({ Size__c: value })
  })

  it.each(['.', 'e3', '1e', '1e999', '1e-999', '--1', '0x10', 'Infinity', '1,5'])('is refused: %s', async (posted) => {
    expect(await refused(`${REQUIRED}&Size=${encodeURIComponent(posted)}`, FORM)).toMatchObject({
      status: 422,
      errors: [{ field: 'Size', code: 'format' }],
    })
  })

  it.each([
    ['Phone', '12345678901234567890'],
    ['Size', '0.12345678901234567890'],
    ['Phone', '[1, 12345678901234567890]'],
  ])('in JSON that a program would change is refused with the name of its field: %s %s', async (field, number) => {
    const body = `{"fields":{"Email":"ana@acme.example","LastName":"M","${field}":${number}}}`
    expect(await refused(body, 'application/json')).toMatchObject({ status: 400, errors: [{ field, code: 'format' }] })
  })

  it.each([
    ['9007199254740991', '9007199254740991'],
    ['1234567890123456', '1234567890123456'],
    ['0.30000000000000004', '0.30000000000000004'],
    ['1000000000000000000', '1000000000000000000'],
  ])('in JSON that no program changes is taken: %s', async (number, value) => {
    const body = `{"fields":{"Email":"ana@acme.example","LastName":"M","Size":${number}}}`
    expect(await stored(body, 'application/json')).toMatchObject({ Size__c: value })
  })

  it('with many digits inside a text of JSON is that text', async () => {
    const body = '{"fields":{"Email":"ana@acme.example","LastName":"12345678901234567890"}}'
    expect(await stored(body, 'application/json')).toMatchObject({ LastName: '12345678901234567890' })
  })
})

describe('an address with an international domain', () => {
  it('is taken with the domain in Punycode', async () => {
    const body = new URLSearchParams({ Email: 'zoe@münchen.example', LastName: 'M' })
    // Given by RFC 3492's algorithm; see https://www.unicode.org/reports/tr46/.
    expect(await stored(body)).toMatchObject({ Email: 'zoe@xn--mnchen-3ya.example' })
  })
})

describe('long text', () => {
  it.each([
    [
      'percent-encoded',
      () => new URLSearchParams({ Email: 'ana@acme.example', LastName: 'M', Message: CHINESE }),
      undefined,
    ],
    ['multipart', () => multipart({ Email: 'ana@acme.example', LastName: 'M', Message: CHINESE }), undefined],
    [
      'JSON with escapes',
      () =>
        JSON.stringify({ fields: { Email: 'ana@acme.example', LastName: 'M', Message: CHINESE } }).replace(
          /[^ -~]/g,
          (c) => `\\u${c.charCodeAt(0).toString(16)}`,
        ),
      'application/json',
    ],
  ])('of 9,000 Chinese characters is taken: %s', async (_what, body, type) => {
    expect(await stored(body(), type)).toMatchObject({ Message__c: CHINESE })
  })

  it('above the limit of all fields is refused with the name of the longest field', async () => {
    expect(await refused(`${REQUIRED}&Phone=1&Message=${'x'.repeat(65_536)}`, FORM)).toMatchObject({
      status: 413,
      code: 'too-large',
      errors: [{ field: 'Message', code: 'too-long' }],
    })
  })

  it('is refused without a name where the body is too large to be read', async () => {
    expect(await refused(`${REQUIRED}&Message=${'x'.repeat(600_000)}`, FORM)).toMatchObject({
      status: 413,
      code: 'too-large',
    })
  })
})

describe('text in another character encoding', () => {
  // The bytes are from the table of windows-1252 (WHATWG Encoding, index windows-1252).
  const EURO_MUELLER = percentEncode([0x80, 0x20, 0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72])

  it.each([
    ['_charset_', `${REQUIRED.replace('LastName=M', `LastName=${EURO_MUELLER}`)}&_charset_=windows-1252`, FORM],
    ['_charset_ as the first field', `_charset_=Windows-1252&Email=ana@acme.example&LastName=${EURO_MUELLER}`, FORM],
    ['Content-Type', `Email=ana@acme.example&LastName=${EURO_MUELLER}`, `${FORM}; charset=windows-1252`],
    ['Content-Type in quotes', `Email=ana@acme.example&LastName=${EURO_MUELLER}`, `${FORM};charset="ISO-8859-1"`],
  ])('is decoded where it is named by %s', async (_what, body, type) => {
    expect(await stored(body, type)).toMatchObject({ LastName: '€ Müller' })
  })

  it('is decoded where its bytes are not escaped', async () => {
    const body = Uint8Array.from(`Email=ana@acme.example&LastName=M\u00fcller`, (c) => c.charCodeAt(0))
    expect(await stored(body, `${FORM}; charset=windows-1252`)).toMatchObject({ LastName: 'Müller' })
  })

  it('is decoded in multipart', async () => {
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const text = `${part('Email', 'ana@acme.example')}${part('LastName', 'M\u00fcller')}${part('_charset_', 'windows-1252')}--b--\r\n`
    const body = Uint8Array.from(text, (c) => c.charCodeAt(0))
    expect(await stored(body, 'multipart/form-data; boundary=b')).toMatchObject({ LastName: 'Müller' })
  })

  it('is decoded in an encoding of several bytes', async () => {
    // 漁港 in Shift_JIS (JIS X 0208, rows 21 and 25).
    const body = `Email=ana@acme.example&LastName=${percentEncode([0x8b, 0x99, 0x8d, 0x60])}&_charset_=Shift_JIS`
    expect(await stored(body, FORM)).toMatchObject({ LastName: '漁港' })
  })

  it('has characters that the encoding lacks as references, of which typed ones stay as they were typed', async () => {
    // A browser writes 漁 as &#28417; and the visitor typed &#252; for the ü that windows-1252 has.
    const body = `Email=ana@acme.example&LastName=${encodeURIComponent('&#28417; &#252;')}&_charset_=windows-1252`
    expect(await stored(body, FORM)).toMatchObject({ LastName: '漁 &#252;' })
  })

  it.each([
    ['the encoding is not known', `${REQUIRED}&_charset_=klingon`, FORM],
    ['the encoding is not known', REQUIRED, `${FORM}; charset=klingon`],
    ['the bytes are not in the encoding', `${REQUIRED}%FF&_charset_=Shift_JIS`, FORM],
    ['an escape is broken', `${REQUIRED}%F&_charset_=windows-1252`, FORM],
    ['no encoding is named', `Email=ana@acme.example&LastName=M%FCller`, FORM],
  ])('is refused where %s', async (_what, body, type) => {
    expect(await refused(body, type)).toMatchObject({ status: 400, code: 'unreadable' })
  })
})

describe('a hostile content type', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '', ';', 'text/plain'])(
    'is refused as an unknown one: %j',
    async (type) => {
      expect(await refused(new TextEncoder().encode(REQUIRED), type)).toMatchObject({ status: 415, code: 'type' })
    },
  )
})

const CHINESE = '漁'.repeat(9_000)

function multipart(values: Record<string, string>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(values)) form.set(name, value)
  return form
}
