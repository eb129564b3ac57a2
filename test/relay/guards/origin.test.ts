/** Who may post a form, and what counts of that which a page says of its visitor. */
import { describe, expect, it } from 'vitest'
import { createApp, readConfig } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { ACME, keptLead, NOW } from '../../support/relay.ts'

const ANA = { Email: 'ana@acme.example' }
const FIELDS = { Email: { type: 'email', required: true } }
const FORMS = {
  forms: {
    contact: { origins: [ACME], fields: FIELDS, capture: { page: 'Page__c', referrer: 'Referrer__c' } },
    shop: { origins: ['https://*.acme.example', 'http://*.test.acme.example:8080'], fields: FIELDS },
    preview: { origins: ['null'], fields: FIELDS, capture: { page: 'Page__c' } },
    consent: { origins: [ACME], fields: FIELDS, associate: 'when-consented' },
    never: { origins: [ACME], fields: FIELDS, associate: 'never' },
  },
}
const ENV = {
  MARKETO_REST_ENDPOINT: 'https://123-ABC-456.mktorest.com',
  MARKETO_CLIENT_ID: 'id',
  MARKETO_CLIENT_SECRET: 'secret',
}
const cookieOf = (domain: string) => `id:123-ABC-456&token:_mch-${domain}-1764000000000-11111`

function relay() {
  const outbox = createMemoryOutbox()
  const app = createApp({
    config: readConfig(ENV, FORMS),
    outbox,
    wake: () => {},
    now: () => NOW,
    randomBytes: (length) => new Uint8Array(length).fill(7),
    log: () => {},
  })
  /** Posts fields to a form with exactly these headers. */
  const send = (form: string, fields: Record<string, string>, headers: Record<string, string>, json = false) =>
    app.request(`/f/${form}`, {
      method: 'POST',
      body: json ? JSON.stringify({ fields }) : new URLSearchParams(fields),
      headers: { accept: 'application/json', ...(json && { 'content-type': 'application/json' }), ...headers },
    })
  /** Posts fields that are accepted, and returns the stored lead. */
  const stored = async (form: string, fields: Record<string, string>, headers: Record<string, string>) => {
    const response = await send(form, fields, headers)
    expect(response.status, await response.clone().text()).toBe(202)
    return keptLead(outbox, response)
  }
  return { send, stored }
}

describe('the page that posts a form', () => {
  it.each([
    ['its origin is listed', 'contact', { origin: ACME }, 202],
    ['its origin is not listed', 'contact', { origin: 'https://acme.example' }, 403],
    ['its origin differs by the port', 'contact', { origin: `${ACME}:8443` }, 403],
    ['its origin is hidden', 'contact', { origin: 'null' }, 403],
    ['its origin is hidden, which the form allows', 'preview', { origin: 'null' }, 202],
    ['the referrer alone names it, and is listed', 'contact', { referer: `${ACME}/pilot?a=1` }, 202],
    ['the referrer alone names it, and is not listed', 'contact', { referer: 'https://evil.example/' }, 403],
    ['the origin is listed, whatever the referrer', 'contact', { origin: ACME, referer: 'https://evil.example/' }, 202],
    ['a browser says that it is another site, and hides which', 'contact', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a browser says that it is on this site', 'contact', { 'sec-fetch-site': 'same-origin' }, 202],
    ['nothing names it, as from a program', 'contact', {}, 202],
    ['the referrer is not an address', 'contact', { referer: 'about:' }, 403],
    ['the referrer is not even a URL', 'contact', { referer: 'nowhere' }, 202],
  ] as [string, string, Record<string, string>, number][])('counts where %s', async (_what, form, headers, status) => {
    const { send } = relay()

    expect((await send(form, ANA, headers)).status).toBe(status)
    expect((await send(form, ANA, headers, true)).status).toBe(status)
  })

  it.each([
    ['https://shop.acme.example', 202],
    ['https://www.acme.example', 202],
    ['http://a.test.acme.example:8080', 202],
    ['http://shop.acme.example', 403],
    ['https://shop.acme.example:8443', 403],
    ['http://a.test.acme.example', 403],
    ['https://acme.example', 403],
    ['https://a.shop.acme.example', 403],
    ['https://acme.example.evil.example', 403],
    ['https://evil-acme.example', 403],
    ['https://*.acme.example', 202],
  ])('is compared with a star for one label: %s', async (origin, status) => {
    expect((await relay().send('shop', ANA, { origin })).status).toBe(status)
  })

  it.each([
    ['https://*', 'is not allowed; * stands for the first label alone'],
    ['https://*.example', 'is not allowed; * stands for the first label alone'],
    ['https://*.0.0.1', 'is not an origin'],
    ['https://www.*.example', 'is not allowed; * stands for the first label alone'],
    ['https://w*.acme.example', 'is not allowed; * stands for the first label alone'],
    ['*', 'is not an origin'],
  ])('cannot be a pattern that means too much or nothing: %s', (origin, problem) => {
    const forms = { forms: { contact: { origins: [origin], fields: FIELDS } } }

    expect(() => readConfig(ENV, forms)).toThrow(problem)
  })
})

describe('a cookie', () => {
  const shop = 'https://shop.acme.example'

  it.each([
    ['of the site of the page', cookieOf('acme.example'), { origin: ACME }, undefined],
    ['of the host of the page', cookieOf('www.acme.example'), { origin: ACME }, undefined],
    ['of the site, in capitals', cookieOf('ACME.example'), { origin: ACME }, undefined],
    ['with a token of another shape', 'id:123-ABC-456&token:_mch-acme.example-0f3c9a', { origin: ACME }, undefined],
    ['where the referrer names the page', cookieOf('acme.example'), { referer: `${ACME}/` }, undefined],
    ['of another site', cookieOf('other.example'), { origin: ACME }, 'of another site'],
    ['of another host of the site', cookieOf('shop.acme.example'), { origin: ACME }, 'of another site'],
    ['of a domain that only begins alike', cookieOf('acme.example.evil.example'), { origin: ACME }, 'of another site'],
    ['of all domains at once', cookieOf('example'), { origin: ACME }, 'of another site'],
    ['without the name of a page', cookieOf('acme.example'), {}, 'the request names no page'],
  ] as [string, string, Record<string, string>, string | undefined][])(
    'is taken from a page of its own site alone: one %s',
    async (_what, cookie, headers, note) => {
      const lead = await relay().stored('contact', { ...ANA, _visitor: cookie }, headers)

      expect(lead.cookie).toBe(note === undefined ? cookie : undefined)
      expect(lead.notes).toEqual(note === undefined ? [] : [`cookie left out: ${note}`])
    },
  )

  it('of one of the pages that a pattern allows is taken', async () => {
    const cookie = cookieOf('acme.example')
    expect((await relay().stored('shop', { ...ANA, _visitor: cookie }, { origin: shop })).cookie).toBe(cookie)
  })

  it('is left out where the form allows pages that hide their origin', async () => {
    const lead = await relay().stored('preview', { ...ANA, _visitor: cookieOf('acme.example') }, { origin: 'null' })
    expect(lead).toMatchObject({ notes: ['cookie left out: of another site'] })
    expect(lead.cookie).toBeUndefined()
  })

  it('in the Cookie header counts by the same rule', async () => {
    const headers = { cookie: `_mkto_trk=${cookieOf('other.example')}`, origin: ACME }
    expect(await relay().stored('contact', ANA, headers)).toMatchObject({ notes: ['cookie left out: of another site'] })
  })

  it.each([
    ['granted', true],
    ['on', true],
    ['1', true],
    ['denied', false],
    ['', false],
    [undefined, false],
  ])('of a form that asks for consent is taken where the visitor has agreed: %s', async (consent, isTaken) => {
    const fields = { ...ANA, _visitor: cookieOf('acme.example'), ...(consent !== undefined && { _consent: consent }) }
    const lead = await relay().stored('consent', fields, { origin: ACME })

    expect(lead.cookie).toBe(isTaken ? cookieOf('acme.example') : undefined)
    expect(lead.notes).toEqual(isTaken ? [] : ['cookie left out: the visitor has not agreed to it'])
  })

  it('of a form that never associates is left out without a note', async () => {
    const fields = { ...ANA, _visitor: cookieOf('acme.example'), _consent: 'granted' }
    expect(await relay().stored('never', fields, { origin: ACME })).toMatchObject({ notes: [] })
  })
})

describe('the address of the page', () => {
  it.each([
    ['_page', `${ACME}/pilot`, undefined],
    ['_page', 'javascript:alert(1)', 'page left out: not a web address'],
    ['_page', 'data:text/html,x', 'page left out: not a web address'],
    ['_page', 'pilot', 'page left out: not a web address'],
    ['_page', 'https://evil.example/pilot', 'page left out: not of an origin of the form'],
    ['_referrer', 'https://search.example/?q=a', undefined],
    ['_referrer', 'javascript:alert(1)', 'referrer left out: not a web address'],
    ['_referrer', 'android-app://com.example', 'referrer left out: not a web address'],
  ])('is stored where it is one: %s=%s', async (extra, address, note) => {
    const { attributes, notes } = await relay().stored('contact', { ...ANA, [extra]: address }, { origin: ACME })

    const name = extra === '_page' ? 'Page__c' : 'Referrer__c'
    expect(attributes).toEqual(note === undefined ? [{ name, value: address }] : [])
    expect(notes).toEqual(note === undefined ? [] : [note])
  })

  it('may be anywhere for a form whose pages hide their origin', async () => {
    const fields = { ...ANA, _page: 'https://preview.example/a' }
    expect(await relay().stored('preview', fields, { origin: 'null' })).toMatchObject({
      attributes: [{ name: 'Page__c', value: 'https://preview.example/a' }],
      notes: [],
    })
  })
})
