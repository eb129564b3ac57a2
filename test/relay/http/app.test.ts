import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LIMITS, type Lead, type Outbox, type Outcome } from '../../../relay/index.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { ACME, keptLead, NOW, post, relayUnderTest } from '../../support/relay.ts'
import { claimBatch, lead, settleBatch } from '../../suites/outbox/leads.ts'
import { AS_OPERATOR } from '../../support/operator.ts'

const ID = '0193573a-1c00-7000-8000-0123456789ab'
const ANA = { Email: 'ana@acme.example' }
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

describe('POST /f/<form>', () => {
  it('stores the lead before it replies 202', async () => {
    const order: string[] = []
    const memory = createMemoryOutbox()
    const outbox = {
      ...memory,
      async add(...leads: Parameters<typeof memory.add>) {
        await memory.add(...leads)
        order.push('stored')
      },
    }
    const relay = relayUnderTest({ outbox })

    const response = await post(relay.app, { ...ANA, _id: ID })
    order.push('replied')

    expect(order).toEqual(['stored', 'replied'])
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ ok: true, id: ID })
    expect(relay.woken()).toBe(1)
  })

  it('creates the lead from the fields that the form defines, and from no others', async () => {
    const { app, outbox } = relayUnderTest()
    const body = new URLSearchParams([
      ['Email', ' ana@acme.example '],
      ['first', 'Ana'],
      ['topics', 'a'],
      ['topics', 'b'],
      ['Id', '700123'],
      ['Unsubscribed', '1'],
      ['_page', `${ACME}/pilot`],
      ['_query', 'utm_source=news%26letter&utm_medium=mail'],
      ['_visitor', COOKIE],
    ])

    const response = await post(app, body)

    expect(await keptLead(outbox, response)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string,
      form: 'contact',
      person: 'email:ana@acme.example',
      email: 'ana@acme.example',
      attributes: [
        { name: 'FirstName', value: 'Ana' },
        { name: 'Topics__c', value: 'a;b' },
        { name: 'LeadSource', value: 'Web' },
        { name: 'UTM_Source__c', value: 'news&letter' },
        { name: 'Last_Landing_Page__c', value: `${ACME}/pilot` },
      ],
      cookie: COOKIE,
      workspace: 'Europe',
      acceptedAt: NOW,
      notes: ['fields left out that the form does not define: 2'],
    })
  })

  it('creates the same lead from each of the three encodings', async () => {
    const text = `Zoë O'Brien & <Söhne> "😀"`
    const multipart = new FormData()
    multipart.set('Email', ANA.Email)
    multipart.set('first', text)
    const json = JSON.stringify({ fields: { ...ANA, first: text, topics: [] } })

    const leads = await Promise.all(
      [
        { body: new URLSearchParams({ ...ANA, first: text }), headers: {} },
        { body: multipart, headers: {} },
        { body: json, headers: { 'content-type': 'application/json' } },
      ].map(async ({ body, headers }) => {
        const { app, outbox } = relayUnderTest()
        return keptLead(outbox, await post(app, body, headers))
      }),
    )

    expect(leads[0]?.attributes).toContainEqual({ name: 'FirstName', value: text })
    expect(leads[1]).toEqual(leads[0])
    expect(leads[2]).toEqual(leads[0])
  })

  it('treats an empty id as missing', async () => {
    const { app, outbox } = relayUnderTest()

    const response = await post(app, { ...ANA, _id: '' })

    expect(response.status).toBe(202)
    expect((await keptLead(outbox, response)).id).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('counts the fields that the form does not define in the notes, and names none: a name may be personal data', async () => {
    const { app, outbox } = relayUnderTest()

    const response = await post(app, { ...ANA, '015112345678': '1', 'jane.doe': '1', utm_x: '1' })

    expect((await keptLead(outbox, response)).notes).toEqual(['fields left out that the form does not define: 3'])
  })

  it('names the fields that the form does not define to a post that asks for them, and to no other', async () => {
    const { app } = relayUnderTest()
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`${'x'.repeat(70)}${at}`, '1']))
    const namesFor = async (fields: Record<string, string>): Promise<unknown> =>
      ((await (await post(app, { ...ANA, ...fields })).json()) as { unknown?: unknown }).unknown

    expect(await namesFor({ Emial: 'secret', _debug: 'true' })).toEqual(['Emial'])
    expect(await namesFor({ first: 'Ana', _debug: 'true' })).toEqual([])
    expect(await namesFor({ Emial: 'secret' })).toBeUndefined()
    expect(await namesFor({ ...many, _debug: 'true' })).toEqual(Array(20).fill('x'.repeat(64)))
  })

  it('replies to a repeated id as to the first one, and keeps the first lead', async () => {
    const { app, outbox } = relayUnderTest()

    await post(app, { ...ANA, first: 'Ana', _id: ID })
    const again = await post(app, { ...ANA, first: 'Ana', _id: ID.toUpperCase() })

    expect(await again.clone().json()).toEqual({ ok: true, id: ID })
    expect((await outbox.status(NOW)).waiting).toBe(1)
    expect((await keptLead(outbox, again)).attributes).toContainEqual({ name: 'FirstName', value: 'Ana' })
  })

  it.each([
    ['other values', { ...ANA, first: 'Eve', _id: ID }],
    ['another person', { ...ANA, Email: 'eve@acme.example', first: 'Ana', _id: ID }],
  ])('takes a known id with %s as another lead, and replies as to the first one', async (_, body) => {
    const { app, outbox } = relayUnderTest()
    await post(app, { ...ANA, first: 'Ana', _id: ID })

    const replies = [await post(app, body), await post(app, body)]

    for (const reply of replies) {
      expect(reply.status).toBe(202)
      expect(await reply.json()).toEqual({ ok: true, id: ID })
    }
    const stored = await outbox.list('waiting', 10)
    expect(stored.map(({ notes }) => notes)).toEqual([[], [`id replaced: ${ID} was used before with another content`]])
    expect(stored[1]?.lead).toMatchObject({
      email: body.Email,
      attributes: expect.arrayContaining([{ name: 'FirstName', value: body.first }]),
    })
  })

  it.each([
    ['a number', '7'],
    ['a word', 'null'],
    ['a UUID and one more digit', `${ID}0`],
    ['a UUID in braces', `{${ID}}`],
    ['a UUID after a space', ` ${ID}`],
    ['very long', 'x'.repeat(10_000)],
    ['SQL', "'; DROP TABLE job; --"],
  ])('takes a lead whose id is not a UUID with an id of its own, and a note: %s', async (_, _id) => {
    const { app, outbox, events } = relayUnderTest()

    const response = await post(app, { ...ANA, _id })

    const { id, notes } = await keptLead(outbox, response)
    expect(response.status).toBe(202)
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(notes).toEqual(['id left out: not a UUID'])
    expect(events).toEqual([{ event: 'accepted', id, form: 'contact', notes }])
  })

  it.each([7, true, {}, { a: 1 }, [[1]], [{}]])('takes JSON whose id is %j, with a note', async (_id) => {
    const { app, outbox } = relayUnderTest()

    const response = await app.request('/f/contact', {
      method: 'POST',
      body: JSON.stringify({ fields: ANA, _id }),
      headers: { 'content-type': 'application/json', origin: ACME },
    })

    expect(response.status).toBe(202)
    expect((await keptLead(outbox, response)).notes).toEqual(['id left out: not a UUID'])
  })

  it('replies 503 with Retry-After if the lead cannot be stored', async () => {
    const outbox = { ...createMemoryOutbox(), add: () => Promise.reject(new Error('disk I/O error')) }
    const { app, events, woken } = relayUnderTest({ outbox })

    const response = await post(app, ANA)

    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toMatchObject({ code: 'unavailable', status: 503 })
    expect(events).toContainEqual({ event: 'not-kept', form: 'contact', reason: 'Error: disk I/O error' })
    expect(woken()).toBe(0)
  })

  it('logs no personal data', async () => {
    const { app, events } = relayUnderTest()

    await post(app, { Email: 'ana@acme.example', first: 'Anastasia', message: 'secret plan', _visitor: 'id:x&token:y' })
    await post(app, { Email: 'ana.acme.example', first: 'Anastasia' })

    expect(events.length).toBeGreaterThan(0)
    expect(JSON.stringify(events)).not.toMatch(/ana@|anastasia|secret plan|token:y/i)
  })
})

describe('an invalid submission', () => {
  it.each([
    ['an unknown form: 404', () => new URLSearchParams(ANA), {}, '/f/nope', 404, 'form'],
    [
      'another site’s origin: 403',
      () => new URLSearchParams(ANA),
      { origin: 'https://evil.example' },
      undefined,
      403,
      'origin',
    ],
    ['a hidden origin: 403', () => new URLSearchParams(ANA), { origin: 'null' }, undefined, 403, 'origin'],
    [
      'over 64 K characters: 413',
      () => new URLSearchParams({ ...ANA, message: 'x'.repeat(65_536) }),
      {},
      undefined,
      413,
      'too-large',
    ],
    [
      'a content type that is not one of a form: 415',
      () => 'hello',
      { 'content-type': 'text/plain' },
      undefined,
      415,
      'type',
    ],
    ['malformed JSON: 400', () => '{"fields": {', { 'content-type': 'application/json' }, undefined, 400, 'unreadable'],
    [
      'JSON of another shape: 400',
      () => '{"Email": "a"}',
      { 'content-type': 'application/json' },
      undefined,
      400,
      'unreadable',
    ],
    [
      'a field that holds an object: 400',
      () => '{"fields": {"Email": {}}}',
      { 'content-type': 'application/json' },
      undefined,
      400,
      'unreadable',
    ],
    [
      'a broken escape: 400',
      () => 'Email=%zz',
      { 'content-type': 'application/x-www-form-urlencoded' },
      undefined,
      400,
      'unreadable',
    ],
    [
      'an escape that is not UTF-8: 400',
      () => 'Email=%ff',
      { 'content-type': 'application/x-www-form-urlencoded' },
      undefined,
      400,
      'unreadable',
    ],
    [
      'a multipart body cut short: 400',
      () => '------a-boundary-of-forty-characters-0001\r\nContent-Dispo',
      { 'content-type': 'multipart/form-data; boundary=----a-boundary-of-forty-characters-0001' },
      undefined,
      400,
      'unreadable',
    ],
  ] as [string, () => BodyInit, Record<string, string>, string | undefined, number, string][])(
    'gets a problem reply: %s',
    async (_, body, headers, path, status, code) => {
      const { app, outbox } = relayUnderTest()

      const response = await post(app, body(), headers, path)

      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
      expect(await response.json()).toMatchObject({ type: 'about:blank', status, code })
      expect((await outbox.status(NOW)).waiting).toBe(0)
    },
  )

  it('is rejected above 576 KB without Content-Length too, and is not read to its end', async () => {
    const { app } = relayUnderTest()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(0x61))
      },
    })

    const response = await app.request('/f/contact', {
      method: 'POST',
      body,
      headers: { origin: ACME, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      duplex: 'half',
    } as RequestInit)

    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(800_000)
  })

  it('is rejected for a file, which the reply names, but not for an empty file control', async () => {
    const withFile = new FormData()
    withFile.set('Email', ANA.Email)
    withFile.set('cv', new File(['x'], 'cv.pdf'))
    const emptyControl =
      '------a-boundary-of-forty-characters-0001\r\nContent-Disposition: form-data; name="Email"\r\n\r\nana@acme.example\r\n------a-boundary-of-forty-characters-0001\r\nContent-Disposition: form-data; name="cv"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n------a-boundary-of-forty-characters-0001--\r\n'
    const { app } = relayUnderTest()

    const rejected = await post(app, withFile)
    const accepted = await post(app, emptyControl, {
      'content-type': 'multipart/form-data; boundary=----a-boundary-of-forty-characters-0001',
    })

    expect(rejected.status).toBe(415)
    expect(await rejected.json()).toMatchObject({
      detail: 'Files are not accepted; remove the file in "cv".',
      errors: [{ field: 'cv', code: 'file' }],
    })
    expect(accepted.status).toBe(202)
  })

  it.each([
    ['missing', { first: 'Ana' }, 'Email', 'required', 'E-mail address is required.'],
    ['only characters that are removed', { Email: '\u0000\uFFFE' }, 'Email', 'required', 'E-mail address is required.'],
    ['blank', { Email: '   ' }, 'Email', 'required', 'E-mail address is required.'],
    [
      'not an e-mail address',
      { Email: 'ana.acme' },
      'Email',
      'email',
      'E-mail address must look like name@example.com.',
    ],
    [
      'an e-mail address that Marketo cannot store',
      { Email: 'zoë@acme.example' },
      'Email',
      'email',
      expect.any(String),
    ],
    [
      'too long',
      { ...ANA, first: 'a'.repeat(41) },
      'first',
      'too-long',
      'First name must have 40 characters or fewer.',
    ],
    ['not among the options', { ...ANA, size: 'xl' }, 'size', 'option', 'Size: choose an option from the list.'],
    [
      'partly not among the options',
      [
        ['Email', ANA.Email],
        ['topics', 'a'],
        ['topics', 'z'],
      ],
      'topics',
      'option',
      expect.any(String),
    ],
    [
      'posted twice in a field for one value',
      [
        ['Email', ANA.Email],
        ['first', 'Ana'],
        ['first', 'Eve'],
      ],
      'first',
      'repeated',
      'First name has 2 values; send only one.',
    ],
  ] as [string, Record<string, string> | string[][], string, string, unknown][])(
    'gets a reply that names the field: %s',
    async (_, body, field, code, message) => {
      const { app, outbox } = relayUnderTest()

      const response = await post(app, new URLSearchParams(body))

      expect(response.status).toBe(422)
      expect(((await response.json()) as { errors: unknown }).errors).toEqual([{ field, code, message }])
      expect((await outbox.status(NOW)).waiting).toBe(0)
    },
  )

  it('gets a reply that names every invalid field', async () => {
    const { app } = relayUnderTest()

    const response = await post(app, { first: 'a'.repeat(41), size: 'xl' })

    const { errors } = (await response.json()) as { errors: { field: string }[] }
    expect(errors.map((error) => error.field)).toEqual(['Email', 'first', 'size'])
  })

  it('loses its control characters and keeps everything that can be typed', async () => {
    const { app, outbox } = relayUnderTest()

    const response = await post(app, {
      ...ANA,
      first: 'A\u0000n\u001b\u0085a 👩‍👩‍👧 \u202eשלום',
      message: 'one\r\ntwo\tthree\u0007',
    })

    const { attributes } = await keptLead(outbox, response)
    expect(attributes).toContainEqual({ name: 'FirstName', value: 'Ana 👩‍👩‍👧 \u202eשלום' })
    expect(attributes).toContainEqual({ name: 'Message__c', value: 'one\ntwo\tthree' })
  })
})

describe('the Munchkin cookie of a submission', () => {
  it.each([
    ['the one with our Munchkin id', [COOKIE.replace('123', '999'), COOKIE], COOKIE],
    ['the one of the page’s own site', [COOKIE.replace('acme.example', 'acme.test'), COOKIE], COOKIE],
    ['the first that is right', [COOKIE.replace(/\d$/, '7'), COOKIE], COOKIE.replace(/\d$/, '7')],
    ['none if all are of another company', [COOKIE.replace('123', '999'), COOKIE.replace('123', '888')], undefined],
  ])('is, of several that the page sends, %s', async (_, cookies, expected) => {
    const { app, outbox } = relayUnderTest()
    const body = new URLSearchParams([['Email', ANA.Email], ...cookies.map((cookie) => ['_visitor', cookie])])

    const response = await post(app, body)

    expect((await keptLead(outbox, response)).cookie).toBe(expected)
  })

  it.each([
    ['percent-encoded', { _visitor: encodeURIComponent(COOKIE) }, {}, COOKIE, []],
    ['in quotes', { _visitor: `"${COOKIE}"` }, {}, COOKIE, []],
    ['in quotes in the Cookie header', {}, { cookie: `_mkto_trk="${COOKIE}"` }, COOKIE, []],
    ['malformed', { _visitor: 'id:123-ABC-456' }, {}, undefined, ['cookie left out: malformed']],
    [
      'of another company',
      { _visitor: COOKIE.replace('123', '999') },
      {},
      undefined,
      ['cookie left out: of another Munchkin id'],
    ],
    ['with XML in it', { _visitor: `${COOKIE}</marketoCookie>` }, {}, undefined, ['cookie left out: malformed']],
    ['from the Cookie header, on the relay’s own site', {}, { cookie: `a=b; _mkto_trk=${COOKIE}` }, COOKIE, []],
    [
      'from the Cookie header, the one with our Munchkin id',
      {},
      { cookie: `_mkto_trk=${COOKIE.replace('123', '999')}; _mkto_trk=${COOKIE}` },
      COOKIE,
      [],
    ],
    [
      'of a visitor who opted out',
      {},
      { cookie: `_mkto_trk=${COOKIE}; mkto_opt_out=true` },
      undefined,
      ['cookie left out: the visitor opted out'],
    ],
    ['absent', {}, { cookie: 'a=b' }, undefined, []],
  ] as [string, Record<string, string>, Record<string, string>, string | undefined, string[]][])(
    'is sent or left out, and the lead is accepted either way: %s',
    async (_, extras, headers, cookie, notes) => {
      const { app, outbox } = relayUnderTest()

      const response = await post(app, { ...ANA, ...extras }, headers)

      const lead = await keptLead(outbox, response)
      expect(lead.cookie).toBe(cookie)
      expect(lead.notes).toEqual(notes)
    },
  )

  it('is left out for a form with associate: never', async () => {
    const { app, outbox } = relayUnderTest()

    const response = await post(app, { ...ANA, _visitor: COOKIE }, {}, '/f/plain')

    expect((await keptLead(outbox, response)).cookie).toBeUndefined()
  })
})

describe('CORS', () => {
  it('names the origin of the page, also where the form does not list it, and so the page can read why', async () => {
    const { app } = relayUnderTest()

    const own = await post(app, ANA)
    const other = await post(app, ANA, { origin: 'https://evil.example' })
    const noForm = await post(app, ANA, { origin: 'https://evil.example' }, '/f/kontakt')
    const none = await app.request('/f/contact', { method: 'POST', body: new URLSearchParams(ANA) })

    expect(own.headers.get('access-control-allow-origin')).toBe(ACME)
    for (const response of [own, other, noForm]) expect(response.headers.get('vary')).toContain('origin')
    for (const [response, code] of [
      [other, 'origin'],
      [noForm, 'form'],
    ] as const) {
      expect(response.headers.get('access-control-allow-origin')).toBe('https://evil.example')
      expect(await response.json()).toMatchObject({ code })
    }
    expect(none.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('lets the page read why a field was rejected', async () => {
    const { app } = relayUnderTest()

    const response = await post(app, {})

    expect(response.status).toBe(422)
    expect(response.headers.get('access-control-allow-origin')).toBe(ACME)
  })

  it('answers the preflight of every page, so that it can read the reply to its post', async () => {
    const { app } = relayUnderTest()
    const preflight = (origin: string, path = '/f/contact') =>
      app.request(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })

    for (const response of [
      await preflight(ACME),
      await preflight('https://evil.example'),
      await preflight(ACME, '/f/nope'),
    ]) {
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-headers')).toContain('content-type')
      expect(response.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })
})

describe('a page of the relay', () => {
  it.each([
    ['of a form that was sent', ANA, '/f/plain', 202],
    ['of a form that was refused', {}, '/f/plain', 422],
    ['of a form that does not exist', ANA, '/f/kontakt', 404],
  ] as [string, Record<string, string>, string, number][])(
    'runs no script, has no style but its own, and tells nobody where the visitor was: %s',
    async (_what, body, path, status) => {
      const { app } = relayUnderTest()

      const response = await post(app, body, HTML, path)

      expect(response.status).toBe(status)
      const style = /<style>([^<]*)<\/style>/.exec(await response.text())![1]!
      const digest = createHash('sha256').update(style).digest('base64')
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-security-policy': `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': 'max-age=31536000',
        'cache-control': 'no-store',
      })
    },
  )
})

describe('what was refused', () => {
  it.each([
    ['a form that does not exist', ANA, '/f/kontakt', {}, { form: 'kontakt', code: 'form', origin: ACME }],
    [
      'a page that the form does not list',
      ANA,
      '/f/contact',
      { origin: 'https://acme.example' },
      { form: 'contact', code: 'origin', origin: 'https://acme.example' },
    ],
    [
      'a misspelt field that is required',
      { email: 'ana@acme.example' },
      '/f/contact',
      {},
      { form: 'contact', code: 'fields', origin: ACME, fields: ['Email: required'] },
    ],
  ] as [string, Record<string, string>, string, Record<string, string>, object][])(
    'is an event: %s',
    async (_what, body, path, headers, event) => {
      const { app, events } = relayUnderTest()

      await post(app, body, headers, path)

      expect(events).toEqual([{ event: 'refused', ...event }])
    },
  )

  it.each([
    ['/readyz', 'GET'],
    ['/v1/parked', 'GET'],
    ['/v1/discard', 'POST'],
  ])('is an event where a key is wrong: %s', async (path, method) => {
    const { app, events } = relayUnderTest()

    const response = await app.request(path, { method, headers: { authorization: 'Bearer a-wrong-token-of-length' } })

    expect(response.status).toBe(401)
    expect(events).toEqual([{ event: 'refused', code: 'key' }])
  })

  it('shows no name of a field that a visitor may have typed', async () => {
    const { app, events, outbox } = relayUnderTest()
    const typed = 'Wesson_Johanna_Meier_1970'

    const response = await post(app, new URLSearchParams([...Object.entries(ANA), [typed, '']]))

    const { notes } = await keptLead(outbox, response)
    expect(notes).toEqual(['fields left out that the form does not define: 1'])
    expect(JSON.stringify(events)).not.toContain('Johanna')
  })

  it('is no failure of the relay where the visitor has left', async () => {
    const { app, events } = relayUnderTest()
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('aborted')) })

    const response = await app.request('/f/contact', {
      method: 'POST',
      body,
      headers: { origin: ACME, 'content-type': 'application/x-www-form-urlencoded' },
      duplex: 'half',
    } as RequestInit)

    expect(response.status).toBe(400)
    expect(events).toEqual([])
  })
})

describe('the page after a submission', () => {
  it.each([
    ['the thanks URL of the form', {}, `${ACME}/thanks`],
    ['_next, on an allowed host', { _next: `${ACME}/hello?a=1` }, `${ACME}/hello?a=1`],
    ['the thanks URL instead of a _next on another host', { _next: 'https://evil.example/' }, `${ACME}/thanks`],
    [
      'the thanks URL instead of a _next without TLS',
      { _next: `${ACME.replace('https', 'http')}/x` },
      `${ACME}/thanks`,
    ],
    ['the thanks URL instead of a _next with a user', { _next: `https://u:p@www.acme.example/` }, `${ACME}/thanks`],
    ['the thanks URL instead of a _next that is a script', { _next: 'javascript:alert(1)' }, `${ACME}/thanks`],
  ] as [string, Record<string, string>, string][])('is %s', async (_, extras, location) => {
    const { app } = relayUnderTest()

    const scripted = await post(app, { ...ANA, ...extras })
    const plain = await post(app, { ...ANA, ...extras }, HTML)

    expect(scripted.status).toBe(202)
    expect(scripted.headers.get('location')).toBe(location)
    expect(scripted.headers.get('access-control-expose-headers')).toContain('location')
    expect(plain.status).toBe(303)
    expect(plain.headers.get('location')).toBe(location)
  })

  it('is a small page if the form has no thanks URL', async () => {
    const { app } = relayUnderTest()

    const response = await post(app, ANA, HTML, '/f/plain')

    expect(response.status).toBe(202)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toContain('<h1>Thank you</h1>')
  })

  it('is a page that names the invalid fields if the browser runs no script', async () => {
    const { app } = relayUnderTest()

    const response = await post(app, { Email: 'a<b>' }, HTML)

    const html = await response.text()
    expect(response.status).toBe(422)
    expect(html).toContain('<li>E-mail address must look like name@example.com.</li>')
    expect(html).toContain('<html lang="en">')
  })

  it('never contains posted text as HTML', async () => {
    const { app } = relayUnderTest()

    const response = await app.request(`/f/${encodeURIComponent('<script>')}`, {
      method: 'POST',
      headers: HTML,
      body: '',
    })

    expect(response.status).toBe(404)
    expect(await response.text()).toContain('&lt;script&gt;')
  })
})

function leadOf(name: string, acceptedAt: number): Lead {
  return lead(name, { attributes: [], acceptedAt })
}

/** Claims the lead that has been due longest, and settles it with this outcome. */
async function settleFirst(outbox: Outbox, outcome: Outcome, now = NOW): Promise<void> {
  await settleBatch(outbox, await claimBatch(outbox, NOW, NOW + 60_000), outcome, now)
}

describe('GET /healthz', () => {
  it('replies 200', async () => {
    const { app } = relayUnderTest()

    expect((await app.request('/healthz')).status).toBe(200)
  })
})

describe('GET /readyz', () => {
  it('tells strangers whether the relay is ready, and nothing else', async () => {
    const memory = createMemoryOutbox()
    let isFull = false
    const outbox = {
      ...memory,
      add: (...leads: Parameters<typeof memory.add>) =>
        isFull ? Promise.reject(new Error('connect ECONNREFUSED 10.1.2.3:5432')) : memory.add(...leads),
    }
    const { app } = relayUnderTest({ outbox })
    await outbox.add([leadOf('ana', NOW - 90_000)], NOW)

    const ready = await app.request('/readyz')
    isFull = true
    const full = await app.request('/readyz')

    expect([ready.status, await ready.json()]).toEqual([200, { ready: true }])
    expect([full.status, await full.json(), full.headers.get('retry-after')]).toEqual([503, { ready: false }, '5'])
  })

  it('tells nobody more where there is no operator', async () => {
    const { app } = relayUnderTest({ operator: null })

    expect(await (await app.request('/readyz', AS_OPERATOR)).json()).toEqual({ ready: true })
  })

  it('refuses a wrong token, so that a monitor does not take its answer for the whole state', async () => {
    const { app } = relayUnderTest()

    const response = await app.request('/readyz', { headers: { authorization: 'Bearer a-wrong-token-of-some-length' } })

    expect([response.status, await response.json()]).toMatchObject([401, { code: 'key' }])
  })

  it('reports the backlog, the parked leads and the calls of the day', async () => {
    const { app, outbox } = relayUnderTest({ outbox: createMemoryOutbox({ ...LIMITS, leadsPerCall: 1 }) })
    await outbox.add([leadOf('ana', NOW - 90_000), leadOf('ben', NOW - 60_000)], NOW)
    await settleFirst(outbox, { kind: 'parked', reason: '20110 Bad Parameter' }, NOW - 30_000)

    const response = await app.request('/readyz', AS_OPERATOR)

    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      ready: true,
      state: 'parked',
      issues: [{ kind: 'parked', count: 1, ageSeconds: 30 }],
      backlog: 1,
      oldestAgeSeconds: 60,
      held: 0,
      parked: 1,
      parkedAgeSeconds: 30,
      delivered: 0,
      owedCookies: 0,
      reusedIds: 0,
      blocked: false,
      // Midnight in US Central time, and a minute for the difference between clocks.
      calls: { today: 1, of: 5_000, resetsAt: '2026-11-24T06:01:00.000Z' },
    })
  })

  it.each([
    [
      'Marketo’s',
      { ...LIMITS, callsPerDay: 5_000 },
      { today: 1, of: 5_000, metLimit: 'marketo', nextCallAt: '2026-11-23T10:30:00.000Z' },
    ],
    [
      'our own',
      { ...LIMITS, callsPerDay: 1 },
      { today: 1, of: 1, metLimit: 'own', nextCallAt: '2026-11-24T06:01:00.000Z' },
    ],
  ])('says that the limit of calls a day that was met is %s', async (whose, limits, calls) => {
    const { app, outbox } = relayUnderTest({ outbox: createMemoryOutbox(limits) })
    await outbox.add([leadOf('ana', NOW)], NOW)
    const outcome =
      whose === 'our own'
        ? { kind: 'delivered', leadId: 7 }
        : { kind: 'limited', limit: 'day', retryAt: NOW, reason: '20015' }
    await settleFirst(outbox, outcome as Outcome)

    const body = await (await app.request('/readyz', AS_OPERATOR)).json()

    expect(body).toMatchObject({
      state: 'budget',
      issues: [{ kind: 'budget', metLimit: calls.metLimit, until: calls.nextCallAt }],
      calls: { ...calls, resetsAt: '2026-11-24T06:01:00.000Z' },
    })
  })

  it('replies 200 with the issue if Marketo rejects all calls, because leads can still be stored', async () => {
    const { app, outbox } = relayUnderTest()
    await outbox.add([leadOf('ana', NOW - 400_000)], NOW)
    await settleFirst(outbox, { kind: 'stopped', retryAt: NOW + 300_000, reason: '20014', blocked: true })

    const response = await app.request('/readyz', AS_OPERATOR)

    const backlog = { count: 1, ageSeconds: 400 }
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      ready: true,
      state: 'blocked',
      issues: [
        { kind: 'blocked', ...backlog, reason: '20014', until: '2026-11-23T09:35:00.000Z' },
        { kind: 'backlog', ...backlog },
      ],
      backlog: 1,
      oldestAgeSeconds: 400,
      blocked: true,
      breaker: { reason: '20014', retryAt: '2026-11-23T09:35:00.000Z' },
    })
  })

  it('includes the notices of the storage', async () => {
    let damaged: string[] = []
    const { app } = relayUnderTest({ notices: () => (damaged.length > 0 ? { damaged } : {}) })

    const before: unknown = await (await app.request('/readyz', AS_OPERATOR)).json()
    damaged = ['outbox.damaged-20261123T093005Z.sqlite']
    const after: unknown = await (await app.request('/readyz', AS_OPERATOR)).json()

    expect(before).not.toHaveProperty('damaged')
    expect(after).toMatchObject({ ready: true, state: 'ok', damaged: ['outbox.damaged-20261123T093005Z.sqlite'] })
  })

  it('replies 503 with the reason if no lead can be stored', async () => {
    const outbox = {
      ...createMemoryOutbox(),
      add: () => Promise.reject(new Error('attempt to write a readonly database')),
    }
    const { app } = relayUnderTest({ outbox })

    const response = await app.request('/readyz', AS_OPERATOR)

    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toEqual({ ready: false, reason: 'Error: attempt to write a readonly database' })
  })

  it('replies 503 after a lead could not be stored, until one is stored', async () => {
    const memory = createMemoryOutbox()
    let full = true
    const outbox = {
      ...memory,
      // Like a full disk, which still has room for a tiny write.
      add: (...[leads, dueAt]: Parameters<typeof memory.add>) =>
        full && leads.length > 0 ? Promise.reject(new Error('database or disk is full')) : memory.add(leads, dueAt),
    }
    const { app } = relayUnderTest({ outbox })

    await post(app, ANA)
    const during = await app.request('/readyz', AS_OPERATOR)
    full = false
    await post(app, ANA)
    const after = await app.request('/readyz', AS_OPERATOR)

    expect([during.status, after.status]).toEqual([503, 200])
    expect(await during.json()).toEqual({ ready: false, reason: 'Error: database or disk is full' })
  })
})

describe('the other routes', () => {
  it('reply 405 to a GET of a form', async () => {
    const { app } = relayUnderTest()

    const response = await app.request('/f/contact')

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
  })

  it('reply 404 to an unknown path', async () => {
    const { app } = relayUnderTest()

    expect((await app.request('/admin')).status).toBe(404)
  })
})
