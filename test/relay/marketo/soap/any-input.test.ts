import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import type { ForeignSysType, LeadFields } from '../../../../relay/marketo/index.ts'
import { validateMessage } from '../../../support/schema/validator.ts'
import { anyText, asXmlHolds } from './any-text.ts'
import { marketoOf, replyOf, requestOf } from './calls.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'

/** Text with a visible character, as a key must have. */
const keyText = anyText.map((text) => `k${text}`)
const id = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const attributes = fc.uniqueArray(
  fc.record({ name: keyText, value: anyText, type: fc.option(keyText, { nil: undefined }) }),
  {
    selector: ({ name }) => name.toLowerCase(),
    maxLength: 40,
  },
)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const fields: fc.Arbitrary<LeadFields> = fc.record({
  id,
  email: maybe(keyText),
  foreignSysPersonId: maybe(keyText),
  foreignSysType: fc.constantFrom<ForeignSysType>('CUSTOM', 'SFDC', 'NETSUITE'),
  attributes,
})

/** Returns the texts that libxml2 finds at a path. */
function textsAt(request: string, path: string): string[] {
  using document = XmlDocument.fromString(request)
  return document.find(path).map(({ content }) => content)
}

/** Returns the values as libxml2 reads them: its text loses a byte-order mark at the start, which XML keeps. */
const expectedTexts = (...values: (string | number | undefined)[]) =>
  values.filter((value) => value !== undefined).map((value) => asXmlHolds(String(value)).replace(/^\uFEFF/, ''))

function expectRecords(request: string, records: readonly LeadFields[]): void {
  const listed = records.flatMap((record) => record.attributes as { name: string; value: string; type?: string }[])
  expect(textsAt(request, '//leadRecord/Id')).toEqual(records.flatMap((record) => expectedTexts(record.id)))
  expect(textsAt(request, '//leadRecord/Email')).toEqual(records.flatMap(({ email }) => expectedTexts(email)))
  expect(textsAt(request, '//leadRecord/ForeignSysPersonId')).toEqual(
    records.flatMap(({ foreignSysPersonId }) => expectedTexts(foreignSysPersonId)),
  )
  expect(textsAt(request, '//attrName')).toEqual(listed.flatMap(({ name }) => expectedTexts(name)))
  expect(textsAt(request, '//attrValue')).toEqual(listed.flatMap(({ value }) => expectedTexts(value)))
  expect(textsAt(request, '//attrType')).toEqual(listed.flatMap(({ type }) => expectedTexts(type)))
  expect(validateMessage(request)).toEqual([])
}

describe('a request with any input is valid, and another parser reads the same values', () => {
  it('for syncLead, with any text, any number of attributes and any cookie', async () => {
    await fc.assert(
      fc.asyncProperty(
        fields,
        maybe(keyText),
        maybe(keyText),
        fc.boolean(),
        async (record, cookie, workspace, returnLead) => {
          const lead = { ...record, marketoCookie: cookie, workspace, returnLead }

          const request = await requestOf((marketo) => marketo.syncLead(lead))

          expectRecords(request, [record])
          expect(textsAt(request, '//marketoCookie')).toEqual(expectedTexts(cookie))
          expect(textsAt(request, '//targetWorkspace')).toEqual(expectedTexts(workspace))
          expect(textsAt(request, '//returnLead')).toEqual([String(returnLead)])
        },
      ),
    )
  })

  it('for syncMultipleLeads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 8 }), maybe(fc.boolean()), async (leads, dedup) => {
        const request = await requestOf((marketo) => marketo.syncMultipleLeads({ leads, dedupEnabled: dedup }))

        expectRecords(request, leads)
        expect(textsAt(request, '//dedupEnabled')).toEqual(
          expectedTexts(dedup === undefined ? undefined : String(dedup)),
        )
      }),
    )
  })

  it('for the keys of listOperation and requestCampaign, and for tokens', async () => {
    const keys = fc.array(keyText, { minLength: 1, maxLength: 20 })
    const tokens = fc.dictionary(keyText, anyText, { maxKeys: 8 })
    await fc.assert(
      fc.asyncProperty(keys, keyText, tokens, async (emails, name, values) => {
        const leads = emails.map((email) => ({ email }))

        const list = await requestOf((marketo) => marketo.listOperation({ operation: 'ADDTOLIST', list: name, leads }))
        const campaign = await requestOf((marketo) =>
          marketo.requestCampaign({ campaignName: name, programName: name, tokens: values, leads }),
        )

        expect(textsAt(list, '//leadKey/keyValue')).toEqual(expectedTexts(...emails))
        expect(textsAt(list, '//listKey/keyValue')).toEqual(expectedTexts(name))
        expect(textsAt(campaign, '//leadKey/keyValue')).toEqual(expectedTexts(...emails))
        expect(textsAt(campaign, '//campaignName | //programName')).toEqual(expectedTexts(name, name))
        expect(textsAt(campaign, '//attrib/name')).toEqual(expectedTexts(...Object.keys(values)))
        expect(textsAt(campaign, '//attrib/value')).toEqual(expectedTexts(...Object.values(values)))
        expect([...validateMessage(list), ...validateMessage(campaign)]).toEqual([])
      }),
    )
  })

  it('for getLead and describeMObject', async () => {
    await fc.assert(
      fc.asyncProperty(keyText, async (text) => {
        const lead = await requestOf((marketo) => marketo.getLead({ cookie: text }))
        const object = await requestOf((marketo) => marketo.describeMObject({ objectName: text }))

        expect(textsAt(lead, '//keyValue')).toEqual(expectedTexts(text))
        expect(textsAt(object, '//objectName')).toEqual(expectedTexts(text))
        expect([...validateMessage(lead), ...validateMessage(object)]).toEqual([])
      }),
    )
  })
})

describe('a reply with any content is returned unchanged', () => {
  it('for a record, with any text and any number of attributes', async () => {
    const attributeLists = fc.array(fc.record({ name: anyText, value: anyText }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(anyText, attributeLists, async (email, list) => {
        using document = XmlDocument.create()
        const record = document.createRoot('leadRecord')
        record.addElement('Email').addText(asXmlHolds(email))
        const attributeList = record.addElement('leadAttributeList')
        for (const { name, value } of list) {
          const attribute = attributeList.addElement('attribute')
          attribute.addElement('attrName').addText(asXmlHolds(name))
          attribute.addElement('attrValue').addText(asXmlHolds(value))
        }
        const xml = document.root.toString({ format: false })
        const { marketo } = marketoOf(
          () => new Response(replyOf('getLead', `<count>1</count><leadRecordList>${xml}</leadRecordList>`)),
        )

        const { leadRecords } = await marketo.getLead({ id: 1 })

        expect(leadRecords[0]?.email).toBe(asXmlHolds(email))
        expect(leadRecords[0]?.attributes).toEqual(
          list.map(({ name, value }) => ({ name: asXmlHolds(name), value: asXmlHolds(value), type: null })),
        )
      }),
    )
  })

  it('for the error text of a status', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (words) => {
        const error = `<error>${xmlText(words)}</error>`
        const status = `<leadId>0</leadId><syncStatus><leadId>0</leadId><status>FAILED</status>${error}</syncStatus>`
        const { marketo } = marketoOf(() => new Response(replyOf('syncLead', status)))

        expect((await marketo.syncLead({ id: 1 })).error).toBe(asXmlHolds(words) || null)
      }),
    )
  })
})
