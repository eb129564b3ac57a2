/** Identity. Expected values: Adobe's authentication.md and error-codes.md, and the replies that others recorded. */
import { describe, expect, it } from 'vitest'
import { validateRest } from '../../../support/schema/marketo-rest.ts'
import { ACCOUNT } from '../simulator-client.ts'
import { openRest } from './rest-client.ts'

const FORM = 'application/x-www-form-urlencoded'
const HOUR_MS = 3_600_000

describe('a token', () => {
  it('is answered as in Adobe’s sample', async () => {
    const rest = openRest()

    const response = await rest.identity()
    const body = (await response.json()) as Record<string, unknown>

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    expect(validateRest('ResponseOfIdentity', body)).toEqual([])
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3599 })
    // authentication.md: cdf01657-110d-4155-99a7-f986b2ff13a0:int
    expect(body['access_token']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:int$/)
  })

  it('may be asked for with a form body', async () => {
    const rest = openRest()
    const { clientId, clientSecret } = ACCOUNT
    const body = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`

    const response = await rest.app.request('/identity/oauth/token', {
      method: 'POST',
      body,
      headers: { 'Content-Type': FORM },
    })

    expect(validateRest('ResponseOfIdentity', await response.json())).toEqual([])
  })

  it('is the same with its remaining seconds while it is valid, and another one afterwards', async () => {
    const rest = openRest()
    const first = await (await rest.identity()).json()

    rest.clock.now += 100_000
    const second = await (await rest.identity()).json()
    rest.clock.now += HOUR_MS
    const third = (await (await rest.identity()).json()) as { access_token: string }

    expect(second).toEqual({ ...(first as object), expires_in: 3499 })
    expect(third).toMatchObject({ expires_in: 3599 })
    expect(third.access_token).not.toBe((first as typeof third).access_token)
  })

  it('has no seconds left in its last second, and is valid', async () => {
    const rest = openRest()
    const token = await rest.token()

    rest.clock.now += 3_598_500
    const last = await (await rest.identity()).json()
    const answer = await rest.syncLeads([{ email: 'ana@acme.example' }], {}, { token })

    expect(last).toMatchObject({ access_token: token, expires_in: 0 })
    expect(answer.body.success).toBe(true)
  })

  it.each([
    ['an unknown client id', { client_id: 'other' }, 401, 'unauthorized', 'No client with requested id: other'],
    ['a wrong secret', { client_secret: 'other' }, 401, 'invalid_client', 'Bad client credentials'],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 'Unsupported grant type: password'],
  ])('is not given for %s', async (_, parameters, status, error, description) => {
    const rest = openRest()

    const response = await rest.identity(parameters)

    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error, error_description: description })
    expect(await rest.calls()).toMatchObject([{ operation: 'identity', ok: false, code: error }])
  })

  it('counts against no limit', async () => {
    const rest = openRest()

    await rest.identity()

    expect((await rest.limits()).used).toEqual({ last20s: 0, now: 0, today: 0 })
  })

  it('and the secret are masked in the record of the call', async () => {
    const rest = openRest()
    const { clientId, clientSecret } = ACCOUNT
    const token = await rest.token()
    const body = `client_secret=${clientSecret}&client_id=${clientId}&grant_type=client_credentials`
    await rest.app.request('/identity/oauth/token', { method: 'POST', body, headers: { 'Content-Type': FORM } })

    const calls = [await rest.call(1), await rest.call(2)]

    expect(JSON.stringify(calls)).not.toContain(token)
    expect(JSON.stringify(calls)).not.toContain(clientSecret)
    expect(calls[0]?.response).toContain('"access_token":"********"')
    expect(calls[1]?.request).toContain('client_secret=********&client_id=')
  })
})

describe('a call', () => {
  // rest.md 1.1: the first use after the end is answered 602, later ones 601.
  it('with a token that has ended is answered 602, and 601 from then on', async () => {
    const rest = openRest()
    const token = await rest.token()
    rest.clock.now += HOUR_MS

    const codes = []
    for (let use = 0; use < 3; use += 1) {
      const { body } = await rest.syncLeads([{ email: 'ana@acme.example' }], {}, { token })
      codes.push(body.errors)
    }

    expect(codes).toEqual([
      [{ code: '602', message: 'Access token expired' }],
      [{ code: '601', message: 'Access token invalid' }],
      [{ code: '601', message: 'Access token invalid' }],
    ])
    expect(await rest.leads()).toEqual([])
  })

  it.each([
    ['no token', null, '', '600'],
    ['an unknown token', 'cdf01657-110d-4155-99a7-f986b2ff13a0:int', '', '601'],
    ['its token in the address, as Marketo took it until 2026-08-31', null, 'TOKEN', '600'],
  ])('with %s is rejected and counts against no limit', async (_, token, query, code) => {
    const rest = openRest()
    const valid = await rest.token()
    const path = `/rest/v1/leads.json${query && `?access_token=${valid}`}`

    const answer = await rest.send('POST', path, { json: { input: [] }, token, as: 'ResponseOfLead' })

    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ success: false, errors: [{ code }] })
    expect((await rest.limits()).used.today).toBe(0)
  })

  it('of another simulator’s token is rejected with 601', async () => {
    const other = await openRest().token()

    const answer = await openRest().syncLeads([{ email: 'ana@acme.example' }], {}, { token: other })

    expect(answer.body.errors).toMatchObject([{ code: '601' }])
  })
})
