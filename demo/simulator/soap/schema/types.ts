/**
 * Defines the types of all calls, in the order of Marketo's schema. Those that the simulator does not do are in
 * `other-types.ts`.
 *
 * The WSDL and the strict mode both use these definitions, so that they cannot differ. Names and cardinalities are those
 * of Marketo's API version 2_7. For the calls here they equal those of 2_1, but for `CLEARLIST` and `skipActivityLog`,
 * which only 2_1 has.
 */
import { OTHER_ENUMERATIONS, OTHER_OPERATIONS, OTHER_TYPES } from './other-types.ts'

/** A child element of a type. */
export interface Part {
  name: string
  type: string
  required: boolean
  /** True: it may occur any number of times. */
  many: boolean
  /** True: it may be `xsi:nil`. */
  nillable: boolean
}

const part = (name: string, type: string, more: Partial<Part> = {}): Part => ({
  name,
  type,
  required: true,
  many: false,
  nillable: false,
  ...more,
})
const nil = (name: string, type: string): Part => part(name, type, { nillable: true })
const optional = (name: string, type: string): Part => part(name, type, { required: false })
const optionalNil = (name: string, type: string): Part => part(name, type, { required: false, nillable: true })
const many = (name: string, type: string): Part => part(name, type, { required: false, many: true })

/** Reads the notation of `other-types.ts`. */
function readParts(text: string): Part[] {
  return Array.from(text.matchAll(/(\w+)([?*]?)(~?):(\w+)/g), ([, name = '', times, nillable, type = '']) =>
    part(name, type, { required: times === '', many: times === '*', nillable: nillable === '~' }),
  )
}

/** Simple types of XML Schema itself. */
export const XSD_TYPES = new Set([
  'string',
  'int',
  'boolean',
  'dateTime',
  'long',
  'integer',
  'base64Binary',
  'anySimpleType',
])

/** Simple types with a fixed list of values. */
export const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  ForeignSysType: ['CUSTOM', 'SFDC', 'NETSUITE'],
  LeadKeyRef: [
    'IDNUM',
    'COOKIE',
    'EMAIL',
    'LEADOWNEREMAIL',
    'SFDCACCOUNTID',
    'SFDCCONTACTID',
    'SFDCLEADID',
    'SFDCLEADOWNERID',
    'SFDCOPPTYID',
  ],
  LeadSyncStatus: ['CREATED', 'UPDATED', 'FAILED'],
  ListKeyType: ['MKTOLISTNAME', 'MKTOSALESUSERID', 'SFDCLEADOWNERID'],
  ListOperationType: ['ADDTOLIST', 'CLEARLIST', 'ISMEMBEROFLIST', 'REMOVEFROMLIST'],
  ReqCampSourceType: ['MKTOWS', 'SALES'],
  ...OTHER_ENUMERATIONS,
}

/** Complex types. */
export const TYPES: Readonly<Record<string, readonly Part[]>> = {
  AuthenticationHeaderInfo: [
    part('mktowsUserId', 'string'),
    part('requestSignature', 'string'),
    part('requestTimestamp', 'string'),
    optional('audit', 'string'),
    optional('mode', 'int'),
  ],
  MktowsContextHeaderInfo: [part('targetWorkspace', 'string')],

  Attrib: [part('name', 'string'), part('value', 'string')],
  ArrayOfAttrib: [many('attrib', 'Attrib')],
  Attribute: [part('attrName', 'string'), optionalNil('attrType', 'string'), part('attrValue', 'string')],
  ArrayOfAttribute: [many('attribute', 'Attribute')],
  LeadRecord: [
    optionalNil('Id', 'int'),
    optionalNil('Email', 'string'),
    optionalNil('ForeignSysPersonId', 'string'),
    optionalNil('ForeignSysType', 'ForeignSysType'),
    optionalNil('leadAttributeList', 'ArrayOfAttribute'),
  ],
  ArrayOfLeadRecord: [many('leadRecord', 'LeadRecord')],
  LeadKey: [part('keyType', 'LeadKeyRef'), part('keyValue', 'string')],
  ArrayOfLeadKey: [many('leadKey', 'LeadKey')],
  LeadStatus: [part('leadKey', 'LeadKey'), part('status', 'boolean')],
  ArrayOfLeadStatus: [many('leadStatus', 'LeadStatus')],
  ListKey: [part('keyType', 'ListKeyType'), part('keyValue', 'string')],
  SyncStatus: [part('leadId', 'int'), part('status', 'LeadSyncStatus'), optionalNil('error', 'string')],
  ArrayOfSyncStatus: [many('syncStatus', 'SyncStatus')],
  MObjFieldMetadata: [
    part('name', 'string'),
    nil('description', 'string'),
    nil('displayName', 'string'),
    nil('sourceObject', 'string'),
    part('dataType', 'string'),
    nil('size', 'int'),
    part('isReadonly', 'boolean'),
    part('isUpdateBlocked', 'boolean'),
    nil('isName', 'boolean'),
    part('isPrimaryKey', 'boolean'),
    part('isCustom', 'boolean'),
    part('isDynamic', 'boolean'),
    nil('dynamicFieldRef', 'string'),
    part('updatedAt', 'dateTime'),
  ],
  ArrayOfMObjFieldMetadata: [many('field', 'MObjFieldMetadata')],
  MObjectMetadata: [
    part('name', 'string'),
    nil('description', 'string'),
    part('isCustom', 'boolean'),
    part('isVirtual', 'boolean'),
    part('fieldList', 'ArrayOfMObjFieldMetadata'),
    part('updatedAt', 'dateTime'),
  ],

  ParamsSyncLead: [
    part('leadRecord', 'LeadRecord'),
    part('returnLead', 'boolean'),
    optionalNil('marketoCookie', 'string'),
  ],
  ResultSyncLead: [part('leadId', 'int'), part('syncStatus', 'SyncStatus'), optionalNil('leadRecord', 'LeadRecord')],
  SuccessSyncLead: [part('result', 'ResultSyncLead')],

  ParamsSyncMultipleLeads: [part('leadRecordList', 'ArrayOfLeadRecord'), optionalNil('dedupEnabled', 'boolean')],
  ResultSyncMultipleLeads: [part('syncStatusList', 'ArrayOfSyncStatus')],
  SuccessSyncMultipleLeads: [part('result', 'ResultSyncMultipleLeads')],

  ParamsGetLead: [part('leadKey', 'LeadKey')],
  ResultGetLead: [part('count', 'int'), optionalNil('leadRecordList', 'ArrayOfLeadRecord')],
  SuccessGetLead: [part('result', 'ResultGetLead')],

  ParamsDescribeMObject: [part('objectName', 'string')],
  ResultDescribeMObject: [part('metadata', 'MObjectMetadata')],
  SuccessDescribeMObject: [part('result', 'ResultDescribeMObject')],

  ParamsListMObjects: [],
  ResultListMObjects: [many('objects', 'string')],
  SuccessListMObjects: [part('result', 'ResultListMObjects')],

  ParamsRequestCampaign: [
    part('source', 'ReqCampSourceType'),
    optionalNil('campaignId', 'int'),
    optionalNil('leadList', 'ArrayOfLeadKey'),
    optionalNil('programName', 'string'),
    optionalNil('campaignName', 'string'),
    optionalNil('programTokenList', 'ArrayOfAttrib'),
  ],
  ResultRequestCampaign: [part('success', 'boolean')],
  SuccessRequestCampaign: [part('result', 'ResultRequestCampaign')],

  ParamsListOperation: [
    part('listOperation', 'ListOperationType'),
    part('listKey', 'ListKey'),
    part('listMemberList', 'ArrayOfLeadKey'),
    optionalNil('strict', 'boolean'),
    optionalNil('skipActivityLog', 'boolean'),
  ],
  ResultListOperation: [part('success', 'boolean'), optionalNil('statusList', 'ArrayOfLeadStatus')],
  SuccessListOperation: [part('result', 'ResultListOperation')],

  ...Object.fromEntries(Object.entries(OTHER_TYPES).map(([name, parts]) => [name, readParts(parts)])),
}

/** All calls with their descriptions for the WSDL. The types `Params…` and `Success…` are named after them. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  syncLead: 'Creates or updates one lead and associates it with a Munchkin cookie.',
  syncMultipleLeads: 'Creates or updates up to 300 leads.',
  getLead: 'Finds leads by one key.',
  describeMObject: 'Describes the fields of an object.',
  listMObjects: 'Lists the objects.',
  requestCampaign: 'Runs leads through a campaign.',
  listOperation: 'Adds leads to a static list, removes them, or checks whether they are members.',
  ...OTHER_OPERATIONS,
}

/** Returns the header blocks that an operation may have, with their types. The first is required. */
export function headersOf(operation: string): Record<string, string> {
  return {
    AuthenticationHeader: 'AuthenticationHeaderInfo',
    ...(operation === 'syncLead' && { MktowsContextHeader: 'MktowsContextHeaderInfo' }),
  }
}

/** Converts `syncLead` to `SyncLead`. */
export function capitalize(operation: string): string {
  return operation.charAt(0).toUpperCase() + operation.slice(1)
}
