/** Whether the page has something to say of each part of an envelope. Names: the 2_1 WSDL, and captured faults. */
import { describe, expect, it } from 'vitest'
import { explain } from '../../../../demo/simulator/ui/call/explanations.ts'
import { layOutXml } from '../../../../demo/simulator/ui/call/xml-layout.ts'
import { details } from './sample-data.ts'

const REQUEST = `Envelope Header AuthenticationHeader mktowsUserId requestSignature requestTimestamp MktowsContextHeader
  targetWorkspace Body paramsSyncLead leadRecord Id Email ForeignSysPersonId ForeignSysType leadAttributeList attribute
  attrName attrType attrValue returnLead marketoCookie`
const REPLY = 'successSyncLead result leadId syncStatus status error'
const FAULT = 'Fault faultcode faultstring detail serviceException name message code'
const NAMES = [REQUEST, REPLY, FAULT].flatMap((names) => names.split(/\s+/))

describe('an explanation', () => {
  it.each(NAMES)('there is one of %s', (name) => {
    expect(explain(name)).toMatch(/^[A-Z].{10,}\.$/)
  })

  it('there is one of every element that a syncLead shows', () => {
    const shown = Object.values(details).flatMap(({ request, response }) => [request, response])

    const elements = shown.flatMap((source) => layOutXml(source)?.flatMap((line) => line.element ?? []) ?? [])

    expect(elements.filter((element) => !explain(element))).toEqual([])
  })

  it.each(['constructor', 'toString', '__proto__', 'soapenv'])('there is none of %s', (name) => {
    expect(explain(name)).toBeUndefined()
  })

  it.each([
    ['20014', 'Authentication failed'],
    ['20016', 'Request expired'],
    ['20023', 'Rate limit exceeded'],
    ['20105', 'Lead attribute bad'],
  ])('of code %s says what it means', (code, name) => {
    expect(explain('code', code)).toContain(name)
  })

  it('of a code that nobody knows says what a code is', () => {
    expect(explain('code', '29999')).toBe(explain('code'))
  })
})
