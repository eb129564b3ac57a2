import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { ACCOUNT, ANA, COOKIE, faultOf, reply, requestFor, verdictOn } from './samples.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'

async function reasonFor(message: string, lead: Lead = ANA, code = '20109'): Promise<string> {
  const verdict = await verdictOn(faultOf(code, xmlText(message)), { status: 500 }, lead)
  return 'reason' in verdict ? verdict.reason : ''
}

describe('the reason of a verdict', () => {
  it.each([
    ['Something is wrong', '20109 Parameter Required: Something is wrong'],
    ['Something\r\n  is\u0085wrong', '20109 Parameter Required: Something is wrong'],
    ['parameter required', '20109 Parameter Required'],
    ['', '20109 Parameter Required'],
  ])("has Marketo's code, its name and the words of the message: %j", async (message, reason) => {
    expect(await reasonFor(message)).toBe(reason)
  })

  it('says what to check when the account is refused', async () => {
    expect(await reasonFor('Authentication failed', ANA, '20014')).toBe(
      '20014 Authentication Failed (check the user id and the secret key)',
    )
  })

  it('names the attributes that Marketo does not know as the form spells them', async () => {
    const lead = {
      ...ANA,
      attributes: [...ANA.attributes, { name: 'NoSuchField', value: 'x' }, { name: 'Other__c', value: 'y' }],
    }

    const reason = await reasonFor(
      'syncLead operation failed: unknown fields for import: nosuchfield, other__c',
      lead,
      '20105',
    )

    expect(reason).toBe('20105 Lead Attribute Bad: NoSuchField, Other__c')
  })

  it('quotes of a message that lists names only the names that were sent', async () => {
    const verdict = await verdictOn(faultOf('20105', 'unknown fields for import: of ana, company'))

    expect(verdict).toEqual({
      kind: 'rejected',
      attributes: ['Company'],
      reason: '20105 Lead Attribute Bad: Company',
    })
  })

  it.each([
    ['20110', 'company is not a valid integer'],
    ['20114', 'The value of "Company" is too long'],
  ])('names the attribute whose value Marketo refuses: %s', async (code, message) => {
    expect(await verdictOn(faultOf(code, message))).toMatchObject({
      kind: 'rejected',
      attributes: ['Company'],
      reason: expect.stringMatching(/^201\d\d Bad Parameter: Company$/) as string,
    })
  })

  it.each([
    ['20110', 'CompanyName is not valid'],
    ['20110', 'Object name is not valid'],
    ['20109', 'Company is missing'],
  ])('names no attribute that a message does not refuse: %s %s', async (code, message) => {
    expect(await verdictOn(faultOf(code, message))).toMatchObject({ kind: 'park' })
  })

  it.each(['ana@acme.example', 'nosuchfield'])('does not name an attribute that was not sent: %s', async (name) => {
    const reason = await reasonFor(`syncLead operation failed: unknown fields for import: ${name}`, ANA, '20105')

    expect(reason).toBe('20105 Lead Attribute Bad')
  })

  it.each([
    ['the address', 'No lead found with EMAIL = ana@acme.example'],
    ['another address', 'No lead found with EMAIL = someone@other.example'],
    ['a part of the address', 'mailbox at acme.example is full'],
    ['a value', 'the lead of Acme is locked'],
    ['a value in another case', 'ACME is locked'],
    ['a value inside a word', 'companyAcme2 is locked'],
    ['a word of a value', 'Neil is locked'],
    ['a short word of a value', 'value x is locked'],
    ['a value in another form of its letters', 'Ａｃｍｅ is locked'],
    ['a number like a phone number', 'call 0049 30 1'],
    ['the cookie', `bad cookie ${COOKIE}`],
    ['the user id', `no user ${ACCOUNT.userId}`],
    ['a signature', 'bad signature 275482698c811283885025c1004238581cb1ff56'],
    ['a long text', 'so it goes '.repeat(20)],
  ])('leaves out a message that holds %s', async (_what, message) => {
    expect(await reasonFor(message)).toBe('20109 Parameter Required')
  })

  it('leaves out the words of an error and of a status that speak of the person', async () => {
    const failed = await verdictOn(reply('FAILED', { error: '<error>ana@acme.example is taken</error>' }))
    const unknown = await verdictOn(reply('ana@acme.example'))

    const retried = { kind: 'failed', fault: 'lead', arrived: 'yes', maxAttempts: 5 }
    expect(failed).toEqual({ ...retried, reason: 'FAILED' })
    expect(unknown).toEqual({ ...retried, reason: 'unknown status' })
  })

  it.each([
    ['as a message', async (request: string) => faultOf('20012', xmlText(request))],
    ['as a faultstring', async (request: string) => faultOf('20012', '', xmlText(request))],
    ['as the reply', async (request: string) => request],
    ['as a page', async (request: string) => `<html>${request}</html>`],
    ['as a status', async (request: string) => reply(xmlText(request))],
  ])('holds nothing of a request that Marketo sends back %s', async (_how, echo) => {
    const request = await requestFor(ANA)

    const verdict = JSON.stringify(await verdictOn(await echo(request), { status: 500 }))

    for (const secret of ['ana', 'Neil', 'Acme', 'token', 'acmeweb', '275482698c', 'correct horse']) {
      expect(verdict.toLowerCase()).not.toContain(secret.toLowerCase())
    }
  })
})
