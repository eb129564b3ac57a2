/**
 * `requestCampaign`: runs a campaign for up to 100 leads. Source: Marketo's page "requestCampaign".
 *
 * Marketo ignores every key after the hundredth without an error, so more than 100 are rejected here.
 */
import { xmlText } from '../xml/escape.ts'
import {
  checkId,
  checkList,
  checkObject,
  checkOneOf,
  checkRequiredText,
  isBlank,
  isObject,
  type AddIssue,
} from './check.ts'
import { checkKey, writeKey, type LeadKey } from './lead-key.ts'
import { SMALL_REPLY_BYTES, type Operation } from './operation.ts'
import { booleanOf } from './values.ts'

/**
 * Input of {@link Marketo.requestCampaign}: the leads, and the campaign by its id or by its name and its program's name.
 *
 * `leads` holds 1 to 100 keys. `source` is `MKTOWS`, the default, or `SALES`. `tokens` holds values for the program's
 * tokens by their names, for example `{{my.Place}}`.
 *
 * Source: Marketo's page "requestCampaign".
 *
 * @example
 *
 * ```ts
 * const input: RequestCampaign = { campaignId: 1001, leads: [{ email: 'ana@acme.example' }] }
 * ```
 */
export type RequestCampaign = {
  leads: readonly LeadKey[]
  source?: (typeof SOURCES)[number] | undefined
} & (
  | { campaignId: number }
  | {
      campaignName: string
      programName: string
      tokens?: Readonly<Record<string, string>> | undefined
    }
)

const SOURCES = ['MKTOWS', 'SALES'] as const
const MAX_LEADS = 100
const FIELDS = ['leads', 'source', 'campaignId', 'campaignName', 'programName', 'tokens']

export const requestCampaign: Operation<RequestCampaign, { success: boolean }> = {
  name: 'requestCampaign',
  maxBytes: SMALL_REPLY_BYTES,

  check(input, addIssue) {
    const fields = checkObject(input, FIELDS, '', addIssue)
    if (!fields) return
    checkList(fields.leads, MAX_LEADS, 'leads', addIssue, (key, path) => checkKey(key, path, addIssue))
    if (fields.source !== undefined) checkOneOf(fields.source, SOURCES, 'source', addIssue)
    checkCampaign(fields, addIssue)
  },

  write(input) {
    const { leads, source = 'MKTOWS' } = input
    const list = `<leadList>${leads.map(writeKey).join('')}</leadList>`
    const isById = 'campaignId' in input && !isBlank(input.campaignId)
    if (isById) return `<source>${source}</source><campaignId>${input.campaignId}</campaignId>${list}`
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

function checkCampaign(fields: Readonly<Record<string, unknown>>, addIssue: AddIssue): void {
  const { campaignId, campaignName, programName, tokens } = fields
  const named = [campaignName, programName, tokens].some((value) => !isBlank(value))
  if (isBlank(campaignId) && !named) addIssue('', 'a campaign is missing: campaignId, or campaignName and programName')
  if (!isBlank(campaignId)) {
    checkId(campaignId, 'campaignId', addIssue)
    if (named) addIssue('campaignId', 'cannot be combined with campaignName, programName or tokens')
  } else if (named) {
    checkRequiredText(campaignName, 'campaignName', addIssue)
    checkRequiredText(programName, 'programName', addIssue)
    if (tokens !== undefined) checkTokens(tokens, addIssue)
  }
}

function checkTokens(tokens: unknown, addIssue: AddIssue): void {
  if (!isObject(tokens)) addIssue('tokens', 'must be an object of names and values')
  else if (Object.values(tokens).some((value) => typeof value !== 'string'))
    addIssue('tokens', 'must have only text as values')
  else if (Object.keys(tokens).some(isBlank)) addIssue('tokens', 'has a value without a name')
}
