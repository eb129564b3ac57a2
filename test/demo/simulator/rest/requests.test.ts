/** What is wrong with a request as such, and the limits. Expected values: Adobe's error-codes.md and rest.md 1.7, 2. */
import { describe, expect, it } from 'vitest'
import { openRest } from './rest-client.ts'

const LEADS = { input: [{ email: 'ana@acme.example' }] }

describe('a request', () => {
  it.each([
    ['of another method', 'PUT', '/rest/v1/leads.json', '605', 'HTTP Method not supported', 0],
    ['for an unknown address', 'POST', '/rest/v1/people.json', '610', 'Requested resource not found', 1],
    ['with a double slash', 'POST', '/rest//v1/leads.json', '610', 'Requested resource not found', 1],
    ['with a double slash at its start', 'POST', '//rest/v1/leads.json', '610', 'Requested resource not found', 1],
    ['without .json', 'POST', '/rest/v1/leads', '610', 'Requested resource not found', 1],
    [
      'for a lead that has no number',
      'POST',
      '/rest/v1/leads/ana/associate.json',
      '610',
      'Requested resource not found',
      1,
    ],
  ])('%s is rejected, and counts as Adobe’s table says', async (_, method, path, code, message, counted) => {
    const rest = openRest()

    const answer = await rest.send(method, path, { json: LEADS, as: 'ResponseWithoutResult' })

    expect(answer.status).toBe(200)
    expect(answer.body.errors).toEqual([{ code, message }])
    expect((await rest.limits()).used.today).toBe(counted)
    expect((await rest.calls()).at(-1)).toMatchObject({ operation: 'unknown', ok: false, code })
  })

  it.each([
    ['half of its JSON', JSON.stringify(LEADS).slice(0, 20), 'application/json', '609'],
    ['no body', '', 'application/json', '609'],
    ['another content type', JSON.stringify(LEADS), 'text/plain', '612'],
    ['a character set beside its content type', JSON.stringify(LEADS), 'application/json; charset=utf-8', undefined],
  ])('with %s is answered %s', async (_, body, type, code) => {
    const rest = openRest()

    const answer = await rest.send('POST', '/rest/v1/leads.json', {
      body,
      headers: { 'Content-Type': type },
      as: 'ResponseOfLead',
    })

    expect(answer.body.errors?.[0]?.code).toBe(code)
  })

  it('of more than 1 MB is answered 413, and one of 1 MB is not', async () => {
    const rest = openRest()
    const text = JSON.stringify(LEADS)
    const sized = (bytes: number): object => ({
      body: text.padEnd(bytes),
      headers: { 'Content-Type': 'application/json' },
    })

    const tooLarge = await rest.send('POST', '/rest/v1/leads.json', sized(1024 * 1024 + 1))
    const large = await rest.send('POST', '/rest/v1/leads.json', sized(1024 * 1024))

    expect(tooLarge.status).toBe(413)
    expect(large.body.success).toBe(true)
    expect((await rest.calls()).map(({ code }) => code)).toContain('http413')
  })

  it('with an address of more than 8 KB is answered 414', async () => {
    const rest = openRest()

    const answer = await rest.send('POST', `/rest/v1/leads/700001/associate.json?cookie=${'x'.repeat(8_200)}`)

    expect(answer.status).toBe(414)
  })
})

describe('a limit', () => {
  it.each([
    ['the rate', { ratePer20s: 0 }, '606', "Max rate limit '0' exceeded with in '20' secs"],
    ['the calls of the day', { daily: 0 }, '607', 'Daily quota reached'],
    ['the calls at once', { concurrency: 0 }, '615', 'Concurrent access limit reached'],
  ])('is answered for %s', async (_, limits, code, message) => {
    const rest = openRest()
    await rest.control('/sim/limits', limits)

    const answer = await rest.syncLeads(LEADS.input)

    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ success: false, errors: [{ code, message }] })
    expect(await rest.leads()).toEqual([])
  })

  it('is one for SOAP and REST together', async () => {
    const rest = openRest()
    await rest.control('/sim/limits', { ratePer20s: 2 })

    const codes = [
      (await rest.syncLeads(LEADS.input)).body.errors?.[0]?.code,
      (await rest.sync({ email: 'eva@acme.example' })).code,
      (await rest.syncLeads(LEADS.input)).body.errors?.[0]?.code,
      (await rest.sync({ email: 'eva@acme.example' })).code,
    ]

    expect(codes).toEqual([undefined, undefined, '606', '20023'])
  })
})

describe('an answer', () => {
  it('is compressed for a caller that accepts gzip if it is longer than 1,024 bytes', async () => {
    const rest = openRest()
    const input = Array.from({ length: 100 }, (_, n) => ({ email: `p${n}@acme.example` }))
    const headers = { 'Accept-Encoding': 'gzip' }
    const json = 'application/json'
    const post = (leads: object[], more: Record<string, string>): ReturnType<typeof rest.send> =>
      rest.send('POST', '/rest/v1/leads.json', { json: { input: leads }, headers: { 'Content-Type': json, ...more } })

    const long = await post(input, headers)
    const short = await post(input.slice(0, 1), headers)
    const unasked = await post(input, {})

    expect([long, short, unasked].map((answer) => answer.headers.get('content-encoding'))).toEqual(['gzip', null, null])
  })
})
