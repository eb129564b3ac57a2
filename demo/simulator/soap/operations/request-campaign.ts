/**
 * Implements `requestCampaign`: sends leads through a campaign, given by id or by its name and program. Writes no person.
 *
 * Leads after the first 100 are silently ignored, as documented by Marketo. Chosen, since Marketo does not document it: a
 * key that finds nobody rejects the whole call.
 */
import type { Marketo } from '../../marketo.ts'
import type { Campaign } from '../../people/campaigns.ts'
import type { Envelope } from '../envelope.ts'
import { SoapFault } from '../fault.ts'
import { findByKey, notFoundFault, readLeadKeys } from '../lead-key.ts'
import { missingParameter, readNumber, requiredChoice, requiredText } from '../parameters.ts'
import { childOf, textOf, type XmlElement } from '../read-xml.ts'
import { writeElement, writeSuccess } from '../write-xml.ts'

const MAX_LEADS = 100

export function requestCampaign(
  marketo: Marketo,
  { params }: Envelope,
  { call }: { call: number },
): { body: string; leadId: null } {
  requiredChoice(params, 'source', ['MKTOWS', 'SALES'])
  const campaign = findCampaign(marketo, params)
  const keys = readLeadKeys(childOf(params, 'leadList')).slice(0, MAX_LEADS)
  if (keys.length === 0) throw new SoapFault('20101')
  const tokens = readTokens(childOf(params, 'programTokenList'))
  const leadIds = keys.flatMap((key) => {
    const found = findByKey(marketo, key)
    if (found.length === 0) throw notFoundFault(key)
    return found.map(({ id }) => id)
  })

  const at = new Date(marketo.now()).toISOString()
  marketo.campaigns.request(campaign, { at, call, leadIds, tokens })
  marketo.events.publish('campaigns', () => marketo.campaigns.view())
  return { body: writeSuccess('RequestCampaign', writeElement('success', true)), leadId: null }
}

function findCampaign({ campaigns }: Marketo, params: XmlElement): Campaign {
  const id = readNumber(params, 'campaignId')
  const name = textOf(params, 'campaignName')?.trim()
  if (id !== undefined && name) throw new SoapFault('20114', 'campaignId and campaignName must not both be given')
  const campaign =
    id !== undefined
      ? campaigns.find({ id })
      : campaigns.find({ name: requiredText(params, 'campaignName'), program: requiredText(params, 'programName') })
  if (!campaign) throw new SoapFault('20113')
  return campaign
}

function readTokens(list: XmlElement | undefined): { name: string; value: string }[] {
  const tokens = list?.children.filter(({ name }) => name === 'attrib') ?? []
  return tokens.map((token) => {
    const value = childOf(token, 'value')
    if (!value) throw missingParameter('value')
    return { name: requiredText(token, 'name'), value: value.text }
  })
}
