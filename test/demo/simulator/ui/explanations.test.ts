/** Checks that every element of an envelope has an explanation. Names: the 2_1 WSDL, and captured faults. */
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
  it.each(NAMES)('exists for %s', (name) => {
    expect(explain(name)).toMatch(/^[A-Z].{10,}\.$/)
  })

  it('exists for every element of the sample calls', () => {
    const shown = Object.values(details).flatMap(({ request, response }) => [request, response])

    const elements = shown.flatMap((source) => layOutXml(source)?.flatMap((line) => line.element ?? []) ?? [])

    expect(elements.filter((element) => !explain(element))).toEqual([])
  })

  it.each(['constructor', 'toString', '__proto__', 'soapenv'])('does not exist for %s', (name) => {
    expect(explain(name)).toBeUndefined()
  })

  it.each([
    ['20014', 'Authentication failed'],
    ['20016', 'Request expired'],
    ['20023', 'Rate limit exceeded'],
    ['20105', 'Lead attribute bad'],
  ])('for the fault code %s contains "%s"', (code, name) => {
    expect(explain('code', code)).toContain(name)
  })

  it('for an unknown fault code explains the element', () => {
    expect(explain('code', '29999')).toBe(explain('code'))
  })
})
