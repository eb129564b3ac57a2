import * as fc from 'fast-check'
import { XmlDocument } from 'libxml2-wasm'
import { describe, expect, it } from 'vitest'
import type { ForeignSysType, LeadFields } from '../../../../relay/marketo/index.ts'
import { validateMessage } from '../../../support/schema/validator.ts'
import { anyText, asXmlHolds } from './any-text.ts'
import { marketoOf, replyOf, requestOf } from './calls.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'

/** Text that arrives as more than blanks, as keys must. */
const someText = anyText.map((text) => `k${text}`)
const id = fc.integer({ min: 1, max: 2 ** 31 - 1 })
const attributes = fc.uniqueArray(
  fc.record({ name: someText, value: anyText, type: fc.option(someText, { nil: undefined }) }),
  {
    selector: ({ name }) => name.toLowerCase(),
    maxLength: 40,
  },
)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const fields: fc.Arbitrary<LeadFields> = fc.record({
  id,
  email: maybe(someText),
  foreignSysPersonId: maybe(someText),
  foreignSysType: fc.constantFrom<ForeignSysType>('CUSTOM', 'SFDC', 'NETSUITE'),
  attributes,
})

/** What another reader finds at a path. */
function textsAt(request: string, path: string): string[] {
  using document = XmlDocument.fromString(request)
  return document.find(path).map(({ content }) => content)
}

const held = (...values: (string | number | undefined)[]) =>
  values.filter((value) => value !== undefined).map((value) => asXmlHolds(String(value)))

function expectRecords(request: string, records: readonly LeadFields[]): void {
  const listed = records.flatMap((record) => record.attributes as { name: string; value: string; type?: string }[])
  expect(textsAt(request, '//leadRecord/Id')).toEqual(records.flatMap((record) => held(record.id)))
  expect(textsAt(request, '//leadRecord/Email')).toEqual(records.flatMap(({ email }) => held(email)))
  expect(textsAt(request, '//leadRecord/ForeignSysPersonId')).toEqual(
    records.flatMap(({ foreignSysPersonId }) => held(foreignSysPersonId)),
  )
  expect(textsAt(request, '//attrName')).toEqual(listed.flatMap(({ name }) => held(name)))
  expect(textsAt(request, '//attrValue')).toEqual(listed.flatMap(({ value }) => held(value)))
  expect(textsAt(request, '//attrType')).toEqual(listed.flatMap(({ type }) => held(type)))
  expect(validateMessage(request)).toEqual([])
}

describe('whatever a program says arrives at another reader, and is valid', () => {
  it('in syncLead: any text, any number of attributes, any cookie', async () => {
    await fc.assert(
      fc.asyncProperty(
        fields,
        maybe(someText),
        maybe(someText),
        fc.boolean(),
        async (record, cookie, workspace, back) => {
          const lead = { ...record, marketoCookie: cookie, workspace, returnLead: back }

          const request = await requestOf((marketo) => marketo.syncLead(lead))

          expectRecords(request, [record])
          expect(textsAt(request, '//marketoCookie')).toEqual(held(cookie))
          expect(textsAt(request, '//targetWorkspace')).toEqual(held(workspace))
          expect(textsAt(request, '//returnLead')).toEqual([String(back)])
        },
      ),
    )
  })

  it('in syncMultipleLeads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 8 }), maybe(fc.boolean()), async (leads, dedup) => {
        const request = await requestOf((marketo) => marketo.syncMultipleLeads({ leads, dedupEnabled: dedup }))

        expectRecords(request, leads)
        expect(textsAt(request, '//dedupEnabled')).toEqual(held(dedup === undefined ? undefined : String(dedup)))
      }),
    )
  })

  it('in the keys of listOperation and requestCampaign, and in tokens', async () => {
    const keys = fc.array(someText, { minLength: 1, maxLength: 20 })
    const tokens = fc.dictionary(someText, anyText, { maxKeys: 8 })
    await fc.assert(
      fc.asyncProperty(keys, someText, tokens, async (emails, name, values) => {
        const leads = emails.map((email) => ({ email }))

        const list = await requestOf((marketo) => marketo.listOperation({ operation: 'ADDTOLIST', list: name, leads }))
        const campaign = await requestOf((marketo) =>
          marketo.requestCampaign({ campaignName: name, programName: name, tokens: values, leads }),
        )

        expect(textsAt(list, '//leadKey/keyValue')).toEqual(held(...emails))
        expect(textsAt(list, '//listKey/keyValue')).toEqual(held(name))
        expect(textsAt(campaign, '//leadKey/keyValue')).toEqual(held(...emails))
        expect(textsAt(campaign, '//campaignName | //programName')).toEqual(held(name, name))
        expect(textsAt(campaign, '//attrib/name')).toEqual(held(...Object.keys(values)))
        expect(textsAt(campaign, '//attrib/value')).toEqual(held(...Object.values(values)))
        expect([...validateMessage(list), ...validateMessage(campaign)]).toEqual([])
      }),
    )
  })

  it('in getLead and describeMObject', async () => {
    await fc.assert(
      fc.asyncProperty(someText, async (text) => {
        const lead = await requestOf((marketo) => marketo.getLead({ cookie: text }))
        const object = await requestOf((marketo) => marketo.describeMObject({ objectName: text }))

        expect(textsAt(lead, '//keyValue')).toEqual(held(text))
        expect(textsAt(object, '//objectName')).toEqual(held(text))
        expect([...validateMessage(lead), ...validateMessage(object)]).toEqual([])
      }),
    )
  })
})

describe('whatever Marketo says arrives at the program', () => {
  it('in a record: any text, any number of attributes', async () => {
    const said = fc.array(fc.record({ name: anyText, value: anyText }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(anyText, said, async (email, list) => {
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

  it('in the words of a failure', async () => {
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
