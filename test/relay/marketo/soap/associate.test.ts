/** The call by SOAP that associates the cookie of a delivered lead with its person. */
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import { validateMessage } from '../../../support/schema/validator.ts'
import { COOKIE, CREATED, FAILED, faultOf, transportTo } from './samples.ts'

const OWED = {
  id: '5f0c2f64-6f7a-4a7e-9d5b-0d8f0f0b1c11',
  leadId: 700_123,
  email: 'ana@acme.example',
  cookie: COOKIE,
  acceptedAt: 0,
}

describe('the cookie of a delivered lead', () => {
  it('goes by syncLead with the address and the cookie alone, in one call', async () => {
    const { transport, calls } = transportTo(() => new Response(CREATED))

    const verdict = await transport.associate(OWED)

    expect(verdict).toStrictEqual({ kind: 'delivered', leadId: 700_123 })
    expect(calls).toHaveLength(1)
    const { body = '' } = calls[0] ?? {}
    using document = XmlDocument.fromString(body)
    const texts = (path: string) => document.find(path).map(({ content }) => content)
    expect(validateMessage(body)).toStrictEqual([])
    expect(texts('//Email')).toStrictEqual(['ana@acme.example'])
    expect(texts('//marketoCookie')).toStrictEqual([COOKIE])
    expect(texts('//returnLead')).toStrictEqual(['false'])
    expect(texts('//attrName | //Id | //targetWorkspace')).toStrictEqual([])
  })

  it('goes to the workspace of its lead', async () => {
    const { transport, calls } = transportTo(() => new Response(CREATED))

    await transport.associate({ ...OWED, workspace: 'Europe' })

    using document = XmlDocument.fromString(calls[0]?.body ?? '')
    expect(document.find('//targetWorkspace').map(({ content }) => content)).toStrictEqual(['Europe'])
  })

  it.each([
    ['a status FAILED', FAILED, 200, { kind: 'failed', fault: 'lead', maxAttempts: 5 }],
    ['a parameter that is refused', faultOf('20110'), 500, { kind: 'park' }],
    ['a rate limit', faultOf('20023'), 500, { kind: 'limited', limit: 'rate' }],
    ['a wrong key', faultOf('20014'), 500, { kind: 'blocked' }],
    ['a page of a gateway', '<html></html>', 503, { kind: 'failed', fault: 'account', gateway: true }],
  ])('has the verdict of a lead for %s, without a word of the person', async (_, text, status, expected) => {
    const { transport } = transportTo(() => new Response(text, { status }))

    const verdict = await transport.associate(OWED)

    expect(verdict).toMatchObject(expected)
    expect(JSON.stringify(verdict)).not.toMatch(/ana|_mch/)
  })

  it('has a verdict where the call throws', async () => {
    const { transport } = transportTo(() => new Response(CREATED), {
      now: () => {
        throw new RangeError('ana@acme.example')
      },
    })

    expect(await transport.associate(OWED)).toMatchObject({ kind: 'failed', reason: 'the attempt failed (RangeError)' })
  })
})
