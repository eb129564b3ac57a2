/**
 * `requestCampaign`: runs a campaign for up to 100 people. Source: Marketo's page "Request Campaign".
 *
 * The campaign needs the trigger "Campaign is Requested" with the source "Web Service API". Marketo passes over every
 * key after the hundredth without a word, so more are refused here.
 */
import { xmlText } from '../xml/escape.ts'
import {
  checkId,
  checkList,
  checkOneOf,
  checkRequiredText,
  fieldsOf,
  isBlank,
  isObject,
  type AddIssue,
} from './check.ts'
import { checkKey, writeKey, type LeadKey } from './lead-key.ts'
import { SMALL_REPLY, type Operation } from './operation.ts'
import { booleanOf } from './values.ts'

/** By its id; or by its name, its program's name and the values for the program's tokens. */
export type RequestCampaign = {
  /** 1 to 100. */
  leads: readonly LeadKey[]
  /** Who asks: this API, as is the default, or sales. */
  source?: (typeof SOURCES)[number] | undefined
} & (
  | { campaignId: number }
  | {
      campaignName: string
      programName: string
      /** `{{my.Message}}` and its like, by name. */
      tokens?: Readonly<Record<string, string>> | undefined
    }
)

const SOURCES = ['MKTOWS', 'SALES'] as const
const MAX_LEADS = 100
const FIELDS = ['leads', 'source', 'campaignId', 'campaignName', 'programName', 'tokens']

export const requestCampaign: Operation<RequestCampaign, { success: boolean }> = {
  name: 'requestCampaign',
  maxBytes: SMALL_REPLY,

  check(input, complain) {
    const fields = fieldsOf(input, FIELDS, '', complain)
    if (!fields) return
    checkList(fields.leads, MAX_LEADS, 'leads', complain, (key, place) => checkKey(key, place, complain))
    if (fields.source !== undefined) checkOneOf(fields.source, SOURCES, 'source', complain)
    checkCampaign(fields, complain)
  },

  write(input) {
    const { leads, source = 'MKTOWS' } = input
    const list = `<leadList>${leads.map(writeKey).join('')}</leadList>`
    const by = 'campaignId' in input && !isBlank(input.campaignId)
    if (by) return `<source>${source}</source><campaignId>${input.campaignId}</campaignId>${list}`
    const { campaignName, programName, tokens = {} } = input as Extract<RequestCampaign, { campaignName: string }>
    const attribs = Object.entries(tokens).map(
      ([name, value]) => `<attrib><name>${xmlText(name)}</name><value>${xmlText(value)}</value></attrib>`,
    )
    return (
      `<source>${source}</source>${list}` +
      `<programName>${xmlText(programName)}</programName><campaignName>${xmlText(campaignName)}</campaignName>` +
      (attribs.length > 0 ? `<programTokenList>${attribs.join('')}</programTokenList>` : '')
    )
  },

  read(result) {
    const success = booleanOf(result, 'success')
    return success === null ? undefined : { success }
  },
}

function checkCampaign(fields: Readonly<Record<string, unknown>>, complain: AddIssue): void {
  const { campaignId, campaignName, programName, tokens } = fields
  const named = [campaignName, programName, tokens].some((value) => !isBlank(value))
  if (isBlank(campaignId) && !named) complain('', 'a campaign is missing: campaignId, or campaignName and programName')
  if (!isBlank(campaignId)) {
    checkId(campaignId, 'campaignId', complain)
    if (named) complain('campaignId', 'cannot stand beside campaignName, programName or tokens')
  } else if (named) {
    checkRequiredText(campaignName, 'campaignName', complain)
    checkRequiredText(programName, 'programName', complain)
    if (tokens !== undefined) checkTokens(tokens, complain)
  }
}

function checkTokens(tokens: unknown, complain: AddIssue): void {
  if (!isObject(tokens)) complain('tokens', 'must be an object of names and values')
  else if (Object.values(tokens).some((value) => typeof value !== 'string'))
    complain('tokens', 'must have text as values')
  else if (Object.keys(tokens).some(isBlank)) complain('tokens', 'has a value without a name')
}
