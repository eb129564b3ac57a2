/**
 * Validates requests and answers of Marketo's REST API with ajv, and with no code of the product.
 *
 * The definitions are the facts of Adobe's contract (AdobeDocs/marketo-apis, mapi and identity, 2026-07-31): names, types,
 * required properties, enumerations. They are stricter in one point: an object may have no other property, except for
 * leads and form fields, of which Adobe says so. Adobe's own samples break the contract; `DEVIATIONS` lists where.
 */
import { Ajv } from 'ajv'

const INT32_MAX = 2 ** 31 - 1

/** Types by property. `!` after a name: required. `X[]`: a list. A capital letter: a definition. */
type Definition = Readonly<Record<string, string | readonly string[]>>

/** Properties of an answer. */
const ANSWER = { 'errors!': 'Error[]', 'requestId!': 'string', 'success!': 'boolean', 'warnings!': 'Warning[]' }
const PAGE = { moreResult: 'boolean', nextPageToken: 'string' }

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  ResponseOfIdentity: {
    'access_token!': 'string',
    'scope!': 'string',
    'expires_in!': 'integer',
    'token_type!': ['bearer'],
  },
  Error: { 'code!': 'string', 'message!': 'string' },
  Reason: { 'code!': 'string', 'message!': 'string' },
  Warning: { 'code!': 'integer', 'message!': 'string' },
  ResponseWithoutResult: {
    errors: 'Error[]',
    nextPageToken: 'string',
    'requestId!': 'string',
    'success!': 'boolean',
    warnings: 'Warning[]',
  },

  SyncLeadRequest: {
    action: ['createOnly', 'updateOnly', 'createOrUpdate', 'createDuplicate'],
    asyncProcessing: 'boolean',
    'input!': 'Lead[]',
    lookupField: 'string',
    partitionName: 'string',
  },
  ResponseOfLead: { ...ANSWER, ...PAGE, 'result!': 'Lead[]' },
  Lead: { '*': 'any', id: 'integer', reason: 'Reason', status: 'string' },

  SubmitFormRequest: { 'input!': 'Form[]', 'formId!': 'integer', programId: 'integer' },
  Form: { 'leadFormFields!': 'LeadFormFields', visitorData: 'VisitorData', cookie: 'string' },
  LeadFormFields: { '*': 'any', 'email!': 'string' },
  VisitorData: {
    pageURL: 'string',
    queryString: 'string',
    leadClientIpAddress: 'string',
    userAgentString: 'string',
  },
  ResponseOfSubmitForm: { ...ANSWER, 'result!': 'FormResponse[]' },
  FormResponse: { 'id!': 'integer', 'status!': ['created', 'updated', 'skipped'], reasons: 'Reason[]' },

  ResponseOfLeadAttribute: { ...ANSWER, ...PAGE, 'result!': 'LeadAttribute[]' },
  LeadAttribute: {
    'dataType!': 'string',
    'displayName!': 'string',
    'id!': 'integer',
    length: 'integer',
    rest: 'LeadMapAttribute',
    soap: 'LeadMapAttribute',
  },
  LeadMapAttribute: { 'name!': 'string', readOnly: 'boolean' },
  ResponseOfLeadAttribute2: { ...ANSWER, ...PAGE, 'result!': 'LeadAttribute2[]' },
  LeadAttribute2: { 'name!': 'string', 'searchableFields!': 'string[][]', 'fields!': 'LeadAttribute2Fields[]' },
  LeadAttribute2Fields: {
    'name!': 'string',
    'displayName!': 'string',
    'dataType!': 'string',
    length: 'integer',
    'updateable!': 'boolean',
    'crmManaged!': 'boolean',
  },

  ResponseOfLeadPartition: { ...ANSWER, ...PAGE, 'result!': 'LeadPartition[]' },
  LeadPartition: { description: 'string', 'id!': 'integer', 'name!': 'string' },
  ResponseOfUsageData: { ...ANSWER, ...PAGE, 'result!': 'UsageData[]' },
  UsageData: { 'date!': 'date-time', total: 'integer', users: 'UserCount[]' },
  UserCount: { 'count!': 'integer', 'userId!': 'string' },
  ResponseOfVoid: {
    'errors!': 'Error[]',
    'requestId!': 'string',
    'success!': 'boolean',
    'warnings!': 'Warning[]',
    ...PAGE,
  },
  ResponseOfActivityType: { ...ANSWER, ...PAGE, 'result!': 'ActivityType[]' },
  ActivityType: {
    apiName: 'string',
    'attributes!': 'ActivityTypeAttribute[]',
    description: 'string',
    'id!': 'integer',
    'name!': 'string',
    'primaryAttribute!': 'ActivityTypeAttribute',
  },
  ActivityTypeAttribute: { apiName: 'string', 'dataType!': 'string', 'name!': 'string' },
  ResponseOfActivity: { ...ANSWER, ...PAGE, 'result!': 'Activity[]' },
  Activity: {
    'activityDate!': 'date-time',
    'activityTypeId!': 'integer',
    'attributes!': 'Attribute[]',
    campaignId: 'integer',
    'id!': 'integer',
    'leadId!': 'integer',
    marketoGUID: 'string',
    primaryAttributeValue: 'string',
    primaryAttributeValueId: 'integer',
  },
  Attribute: { apiName: 'string', 'name!': 'string', 'value!': 'any' },
  ResponseOfCustomActivity: { ...ANSWER, ...PAGE, 'result!': 'CustomActivity[]' },
  CustomActivity: {
    'activityDate!': 'date-time',
    'activityTypeId!': 'integer',
    apiName: 'string',
    'attributes!': 'Attribute[]',
    'errors!': 'Error[]',
    'id!': 'integer',
    'leadId!': 'integer',
    marketoGUID: 'string',
    'primaryAttributeValue!': 'string',
    status: ['created', 'updated', 'deleted', 'skipped', 'added', 'removed'],
  },
  ResponseOfErrorsData: { ...ANSWER, ...PAGE, 'result!': 'ErrorsData[]' },
  ErrorsData: { 'date!': 'date-time', errors: 'ErrorCount[]', total: 'integer' },
  ErrorCount: { 'count!': 'integer', 'errorCode!': 'string' },
}

/** A place where Adobe's samples, or answers recorded from Marketo, break Adobe's contract. */
export interface Deviation {
  name: string
  /** Where it was seen. */
  source: string
  change: (name: string, definition: Definition) => Definition
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'an answer has neither errors nor warnings where there are none',
    source: 'every sample of help/rest-api/leads.md',
    change: (_, definition) => optional(definition, 'errors', 'warnings'),
  },
  {
    name: 'an answer with an error has no result',
    source: 'help/rest-api/error-codes.md, response-level errors',
    change: (_, definition) => ('requestId!' in definition ? optional(definition, 'result') : definition),
  },
  {
    name: 'a lead that was skipped has a list of reasons, not one reason',
    source: 'help/rest-api/error-codes.md, record-level errors',
    change: (name, definition) => {
      if (name !== 'Lead') return definition
      const { reason: _, ...rest } = definition
      return { ...rest, reasons: 'Reason[]' }
    },
  },
  {
    name: 'a form that was skipped has no lead id',
    source: 'hashicorp/react-components and canonical, who lost leads by it',
    change: (name, definition) => (name === 'FormResponse' ? optional(definition, 'id') : definition),
  },
  {
    name: 'counts are of a day, which is a date without a time',
    source: 'help/rest-api/usage.md, sample',
    change: (name, definition) =>
      name === 'UsageData' || name === 'ErrorsData' ? { ...definition, 'date!': 'date' } : definition,
  },
  {
    name: 'the type New Lead has no primary attribute',
    source: 'singer-io, tap-marketo, which reads the types of live accounts',
    change: (name, definition) => (name === 'ActivityType' ? optional(definition, 'primaryAttribute') : definition),
  },
  {
    name: 'a custom activity is answered with its id and status, or with errors',
    source: 'help/rest-api/activities.md, add custom activities',
    change: (name, definition) =>
      name === 'CustomActivity'
        ? optional(
            definition,
            'activityDate',
            'activityTypeId',
            'attributes',
            'errors',
            'id',
            'leadId',
            'primaryAttributeValue',
          )
        : definition,
  },
]

/** Returns what is wrong with a value; an empty list if it is as defined. */
export type ValidateRest = (definition: string, value: unknown) => string[]

export const validateRest: ValidateRest = createRestValidator(DEVIATIONS)

export function createRestValidator(deviations: readonly Deviation[]): ValidateRest {
  const ajv = new Ajv({ allErrors: true })
  for (const [name, definition] of Object.entries(DEFINITIONS)) {
    const changed = deviations.reduce((result, { change }) => change(name, result), definition)
    ajv.addSchema(schemaOf(changed), name)
  }
  return (definition, value) => {
    const validate = ajv.getSchema(definition)
    if (!validate) throw new Error(`There is no definition ${definition}.`)
    return validate(value) === true
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
  }
}

function optional(definition: Definition, ...names: readonly string[]): Definition {
  return Object.fromEntries(
    Object.entries(definition).map(([name, type]) => [
      names.some((each) => name === `${each}!`) ? name.slice(0, -1) : name,
      type,
    ]),
  )
}

function schemaOf(definition: Definition): object {
  const { '*': others, ...properties } = definition
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, type]) => [name.replace('!', ''), typeSchema(type)]),
    ),
    required: Object.keys(properties).flatMap((name) => (name.endsWith('!') ? name.slice(0, -1) : [])),
    additionalProperties: others === 'any',
  }
}

function typeSchema(type: string | readonly string[]): object {
  if (typeof type !== 'string') return { enum: type }
  if (type.endsWith('[]')) return { type: 'array', items: typeSchema(type.slice(0, -2)) }
  if (/^[A-Z]/.test(type)) return { $ref: type }
  if (type === 'any') return {}
  if (type === 'date') return { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\d$` }
  if (type === 'date-time') return { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$` }
  return type === 'integer' ? { type, minimum: -INT32_MAX, maximum: INT32_MAX } : { type }
}
