/** What the page says of REST calls. Names: Adobe's REST contract and error codes. */
import { describe, expect, it } from 'vitest'
import { faultCode } from '../../../../demo/simulator/ui/call/fault-codes.ts'
import { explainRest } from '../../../../demo/simulator/ui/call/rest-explanations.ts'
import { readRequestKeys } from '../../../../demo/simulator/ui/data/request-keys.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

describe('an explanation of REST', () => {
  it.each(
    `input action lookupField partitionName email formId programId leadFormFields visitorData pageURL queryString
     leadClientIpAddress userAgentString cookie requestId success result id status reasons errors code message
     access_token token_type expires_in scope`.split(/\s+/),
  )('exists for %s', (name) => {
    expect(explainRest(name)).toMatch(/^\S.{10,}\.$/)
  })

  it.each(['constructor', '__proto__', 'firstName'])('does not exist for %s', (name) => {
    expect(explainRest(name)).toBeUndefined()
  })

  it.each([
    ['606', 'Rate limit exceeded'],
    ['1006', 'Field not found'],
    ['1012', 'Invalid cookie'],
  ])('of the code %s contains "%s"', (code, name) => {
    expect(explainRest('code', code)).toContain(name)
    expect(faultCode(code)?.name).toBe(name)
  })
})

describe('the keys of a failed REST call', () => {
  it.each([
    [
      'the address of its lead',
      'POST /rest/v1/leads.json\n\n{"input":[{"email":"ana@acme.example"}]}',
      { email: 'ana@acme.example' },
    ],
    [
      'address and cookie of a form',
      `POST /rest/v1/leads/submitForm.json\n\n{"input":[{"leadFormFields":{"email":"ana@acme.example"},"cookie":"${COOKIE}"}]}`,
      { email: 'ana@acme.example', cookie: COOKIE },
    ],
    [
      'the cookie in its address',
      `POST /rest/v1/leads/7/associate.json?cookie=${encodeURIComponent(COOKIE)}\n\n`,
      { cookie: COOKIE },
    ],
    [
      'nobody’s, if it is for several leads',
      'POST /rest/v1/leads.json\n\n{"input":[{"email":"a@x.example"},{"email":"b@x.example"}]}',
      {},
    ],
    ['none, if it is half of a JSON', 'POST /rest/v1/leads.json\n\n{"input":[{"em', {}],
  ])('are %s', (_, request, keys) => {
    expect(readRequestKeys(request)).toEqual(keys)
  })
})
