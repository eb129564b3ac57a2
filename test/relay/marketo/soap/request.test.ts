import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { validateMessage } from '../../../support/schema/validator.ts'
import { anyText, asXmlHolds } from './any-text.ts'
import { ACCOUNT, ANA, COOKIE, CREATED, ENDPOINT, deliverAlone, requestFor, transportTo } from './samples.ts'

const { cookie: _cookie, ...WITHOUT_COOKIE } = ANA

// printf '2026-11-23T09:30:01+00:00acmeweb_0A1B2C3D4E5F60718293A4' | openssl dgst -sha1 -hmac 'correct horse battery'
const WHOLE = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Header>
    <ns1:AuthenticationHeader>
      <mktowsUserId>acmeweb_0A1B2C3D4E5F60718293A4</mktowsUserId>
      <requestSignature>275482698c811283885025c1004238581cb1ff56</requestSignature>
      <requestTimestamp>2026-11-23T09:30:01+00:00</requestTimestamp>
    </ns1:AuthenticationHeader>
    <ns1:MktowsContextHeader>
      <targetWorkspace>R&amp;D</targetWorkspace>
    </ns1:MktowsContextHeader>
  </SOAP-ENV:Header>
  <SOAP-ENV:Body>
    <ns1:paramsSyncLead>
      <leadRecord>
        <Email>ana@acme.example</Email>
        <leadAttributeList>
          <attribute>
            <attrName>FirstName</attrName>
            <attrValue>Ana</attrValue>
          </attribute>
          <attribute>
            <attrName>LastName</attrName>
            <attrValue>O&apos;Neil &amp; Sons &lt;x&gt;</attrValue>
          </attribute>
          <attribute>
            <attrName>Company</attrName>
            <attrValue>Acme</attrValue>
          </attribute>
        </leadAttributeList>
      </leadRecord>
      <returnLead>false</returnLead>
      <marketoCookie>id:123-ABC-456&amp;token:_mch-acme.example-1764000000000-54321</marketoCookie>
    </ns1:paramsSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

/** Returns the text of a key that is sent, or nothing for a blank key. */
function unlessBlank(value: string): string[] {
  const text = asXmlHolds(value)
  return /^[\t\n\r ]*$/.test(text) ? [] : [text]
}

describe('a request', () => {
  it('has the names, the order and the namespaces of the WSDL, without white space between elements', async () => {
    const request = await requestFor({ ...ANA, workspace: 'R&D' })

    expect(request).toBe(WHOLE.replaceAll(/>\s+</g, '><'))
  })

  it('is posted to the endpoint with the headers of SOAP 1.1', async () => {
    const { transport, calls } = transportTo(() => new Response(CREATED))

    await deliverAlone(transport)

    const [call] = calls
    expect(call?.url).toBe(ENDPOINT)
    expect(call?.init.method).toBe('POST')
    expect(call?.headers.get('Content-Type')).toBe('text/xml;charset=UTF-8')
    expect(call?.headers.get('SOAPAction')).toBe('"http://www.marketo.com/mktows/syncLead"')
    expect(call?.init.redirect).toBe('manual')
    expect(call?.url).not.toContain(ACCOUNT.userId)
  })

  it.each<[string, Lead, string]>([
    ['no cookie element without a cookie', WITHOUT_COOKIE, 'marketoCookie'],
    ['no cookie element for an empty cookie', { ...ANA, cookie: '' }, 'marketoCookie'],
    ['no context header without a workspace', ANA, 'MktowsContextHeader'],
    ['no context header for an empty workspace', { ...ANA, workspace: '' }, 'MktowsContextHeader'],
    ['no attribute list without attributes', { ...ANA, attributes: [] }, 'leadAttributeList'],
    ['no attribute types', ANA, 'attrType'],
    ['no nil element', ANA, 'nil'],
  ])('has %s', async (_what, lead, name) => {
    const request = await requestFor(lead)

    expect(request).not.toContain(name)
    expect(validateMessage(request)).toEqual([])
  })

  it('keeps an empty value, which clears the attribute', async () => {
    const request = await requestFor({ ...ANA, attributes: [{ name: 'Company', value: '' }] })

    expect(request).toContain('<attribute><attrName>Company</attrName><attrValue></attrValue></attribute>')
  })

  it('is valid with any values, and another parser reads the same values', async () => {
    const attributes = fc.array(fc.record({ name: anyText, value: anyText }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(anyText, attributes, anyText, anyText, async (email, attributes, cookie, workspace) => {
        fc.pre([...unlessBlank(email), ...unlessBlank(cookie)].length > 0)
        const request = await requestFor({ ...ANA, email, attributes, cookie, workspace })

        using document = XmlDocument.fromString(request)
        const texts = (path: string) => document.find(path).map(({ content }) => content)
        expect(validateMessage(request)).toEqual([])
        expect(texts('//Email')).toEqual(unlessBlank(email))
        expect(texts('//attrName')).toEqual(attributes.map(({ name }) => asXmlHolds(name)))
        expect(texts('//attrValue')).toEqual(attributes.map(({ value }) => asXmlHolds(value)))
        expect(texts('//marketoCookie')).toEqual(unlessBlank(cookie))
        expect(texts('//targetWorkspace')).toEqual(workspace ? [asXmlHolds(workspace)] : [])
      }),
    )
  })

  it('has a new timestamp and signature for each attempt', async () => {
    const times = ['2026-11-23T09:30:00.000Z', '2026-11-23T09:30:01.500Z'].map((time) => Date.parse(time))
    const { transport, calls } = transportTo(() => new Response(CREATED), { now: () => times.shift() ?? 0 })

    await deliverAlone(transport)
    await deliverAlone(transport)

    // printf '%s%s' "$stamp" acmeweb_0A1B2C3D4E5F60718293A4 | openssl dgst -sha1 -hmac 'correct horse battery'
    expect(calls[0]?.body).toContain('<requestSignature>7d9d46657c640a15ac031889327f8389aa844839</requestSignature>')
    expect(calls[0]?.body).toContain('<requestTimestamp>2026-11-23T09:30:00+00:00</requestTimestamp>')
    expect(calls[1]?.body).toContain('<requestSignature>275482698c811283885025c1004238581cb1ff56</requestSignature>')
    expect(calls[1]?.body).toContain('<requestTimestamp>2026-11-23T09:30:01+00:00</requestTimestamp>')
    expect(calls[0]?.init.signal).not.toBe(calls[1]?.init.signal)
  })

  it('D12: has the cookie decoded when it is percent-encoded', async () => {
    const request = await requestFor({ ...ANA, cookie: encodeURIComponent(COOKIE) })

    using document = XmlDocument.fromString(request)
    expect(document.get('//marketoCookie')?.content).toBe(COOKIE)
  })

  it.each([
    ['encoded twice', encodeURIComponent(encodeURIComponent(COOKIE))],
    ['not valid percent-encoding', 'id%3A123-ABC-456%26token%3A_mch-acme%E0%A4.example'],
    ['another text', 'a%26b'],
  ])('has a cookie that is not one of Munchkin as given: %s', async (_, cookie) => {
    const request = await requestFor({ ...ANA, cookie })

    using document = XmlDocument.fromString(request)
    expect(document.get('//marketoCookie')?.content).toBe(cookie)
  })

  it('has a cookie with a percent sign as given, neither decoded nor encoded', async () => {
    const request = await requestFor({ ...ANA, cookie: `${COOKIE}%26x` })

    using document = XmlDocument.fromString(request)
    expect(document.get('//marketoCookie')?.content).toBe(`${COOKIE}%26x`)
  })
})
