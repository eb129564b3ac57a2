/** Sample calls of every operation, each with its request, its reply and the expected result. */
import { createMarketo, type Marketo, type MarketoOptions } from '../../../../relay/marketo/index.ts'
import { ACCOUNT, COOKIE, ENDPOINT } from './samples.ts'

export interface Sample {
  operation: string
  /** Makes the call. */
  ask: (marketo: Marketo) => Promise<unknown>
  /** Content of the request's `params…` element. White space between elements is ignored. */
  params: string
  /** Content of the reply's `result` element. */
  result: string
  /** Result that the client returns. */
  expected: unknown
}

const NIL = 'xsi:nil="true"'

export const SAMPLES: Sample[] = [
  {
    operation: 'syncLead',
    ask: (marketo) =>
      marketo.syncLead({
        id: 700123,
        email: 'ana@acme.example',
        foreignSysPersonId: 'crm-0071',
        foreignSysType: 'CUSTOM',
        attributes: [
          { name: 'FirstName', value: 'Ana', type: 'string' },
          { name: 'Company', value: '' },
        ],
        returnLead: true,
        marketoCookie: COOKIE,
        workspace: 'R&D',
      }),
    params: `
      <leadRecord>
        <Id>700123</Id>
        <Email>ana@acme.example</Email>
        <ForeignSysPersonId>crm-0071</ForeignSysPersonId>
        <ForeignSysType>CUSTOM</ForeignSysType>
        <leadAttributeList>
          <attribute><attrName>FirstName</attrName><attrType>string</attrType><attrValue>Ana</attrValue></attribute>
          <attribute><attrName>Company</attrName><attrValue></attrValue></attribute>
        </leadAttributeList>
      </leadRecord>
      <returnLead>true</returnLead>
      <marketoCookie>id:123-ABC-456&amp;token:_mch-acme.example-1764000000000-54321</marketoCookie>`,
    result: `
      <leadId>700123</leadId>
      <syncStatus><leadId>700123</leadId><status>UPDATED</status><error ${NIL}/></syncStatus>
      <leadRecord>
        <Id>700123</Id>
        <Email>ana@acme.example</Email>
        <ForeignSysPersonId>0071</ForeignSysPersonId>
        <ForeignSysType>CUSTOM</ForeignSysType>
        <leadAttributeList>
          <attribute><attrName>FirstName</attrName><attrType>string</attrType><attrValue>Ana</attrValue></attribute>
          <attribute><attrName>LeadScore</attrName><attrType>integer</attrType><attrValue>007</attrValue></attribute>
          <attribute><attrName>Company</attrName><attrType ${NIL}/><attrValue>R&amp;D &#39;x&#39;</attrValue></attribute>
        </leadAttributeList>
      </leadRecord>`,
    expected: {
      leadId: 700123,
      status: 'UPDATED',
      error: null,
      leadRecord: {
        id: 700123,
        email: 'ana@acme.example',
        foreignSysPersonId: '0071',
        foreignSysType: 'CUSTOM',
        attributes: [
          { name: 'FirstName', value: 'Ana', type: 'string' },
          { name: 'LeadScore', value: '007', type: 'integer' },
          { name: 'Company', value: "R&D 'x'", type: null },
        ],
      },
    },
  },
  {
    operation: 'syncMultipleLeads',
    ask: (marketo) =>
      marketo.syncMultipleLeads({
        leads: [
          { email: 'ana@acme.example', attributes: { FirstName: 'Ana', LastName: 'Silva' } },
          { foreignSysPersonId: '00Q1', foreignSysType: 'SFDC' },
          { id: 7 },
        ],
        dedupEnabled: true,
      }),
    params: `
      <leadRecordList>
        <leadRecord>
          <Email>ana@acme.example</Email>
          <leadAttributeList>
            <attribute><attrName>FirstName</attrName><attrValue>Ana</attrValue></attribute>
            <attribute><attrName>LastName</attrName><attrValue>Silva</attrValue></attribute>
          </leadAttributeList>
        </leadRecord>
        <leadRecord><ForeignSysPersonId>00Q1</ForeignSysPersonId><ForeignSysType>SFDC</ForeignSysType></leadRecord>
        <leadRecord><Id>7</Id></leadRecord>
      </leadRecordList>
      <dedupEnabled>true</dedupEnabled>`,
    result: `
      <syncStatusList>
        <syncStatus><leadId>700124</leadId><status>CREATED</status><error ${NIL}/></syncStatus>
        <syncStatus><leadId>0</leadId><status>FAILED</status><error>Lead could not be saved</error></syncStatus>
        <syncStatus><leadId>7</leadId><status>UPDATED</status></syncStatus>
      </syncStatusList>`,
    expected: [
      { leadId: 700124, status: 'CREATED', error: null },
      { leadId: null, status: 'FAILED', error: 'Lead could not be saved' },
      { leadId: 7, status: 'UPDATED', error: null },
    ],
  },
  {
    operation: 'getLead',
    ask: (marketo) => marketo.getLead({ email: 'ana@acme.example' }),
    params: '<leadKey><keyType>EMAIL</keyType><keyValue>ana@acme.example</keyValue></leadKey>',
    result: `
      <count>2</count>
      <leadRecordList>
        <leadRecord>
          <Id>1</Id>
          <Email>ana@acme.example</Email>
          <ForeignSysPersonId ${NIL}/>
          <ForeignSysType ${NIL}/>
          <leadAttributeList>
            <attribute><attrName>FirstName</attrName><attrType>string</attrType><attrValue>Ana</attrValue></attribute>
          </leadAttributeList>
        </leadRecord>
        <leadRecord>
          <Id>2</Id>
          <Email>ana@acme.example</Email>
          <leadAttributeList ${NIL}/>
        </leadRecord>
      </leadRecordList>`,
    expected: {
      count: 2,
      leadRecords: [
        {
          id: 1,
          email: 'ana@acme.example',
          foreignSysPersonId: null,
          foreignSysType: null,
          attributes: [{ name: 'FirstName', value: 'Ana', type: 'string' }],
        },
        { id: 2, email: 'ana@acme.example', foreignSysPersonId: null, foreignSysType: null, attributes: [] },
      ],
    },
  },
  {
    operation: 'describeMObject',
    ask: (marketo) => marketo.describeMObject({ objectName: 'LeadRecord' }),
    params: '<objectName>LeadRecord</objectName>',
    result: `
      <metadata>
        <name>LeadRecord</name>
        <description ${NIL}/>
        <isCustom>false</isCustom>
        <isVirtual>false</isVirtual>
        <fieldList>
          <field>
            <name>FirstName</name><description ${NIL}/><displayName>First Name</displayName><sourceObject>Lead</sourceObject>
            <dataType>string</dataType><size>255</size><isReadonly>false</isReadonly><isUpdateBlocked>false</isUpdateBlocked>
            <isName>true</isName><isPrimaryKey>false</isPrimaryKey><isCustom>false</isCustom><isDynamic>false</isDynamic>
            <dynamicFieldRef ${NIL}/><updatedAt>2009-09-03T11:57:11-07:00</updatedAt>
          </field>
          <field>
            <name>Id</name><description>Marketo's own</description><displayName ${NIL}/><sourceObject ${NIL}/>
            <dataType>integer</dataType><size ${NIL}/><isReadonly>1</isReadonly><isUpdateBlocked>true</isUpdateBlocked>
            <isName ${NIL}/><isPrimaryKey>true</isPrimaryKey><isCustom>0</isCustom><isDynamic>false</isDynamic>
            <dynamicFieldRef ${NIL}/><updatedAt>2009-09-03T11:57:11-07:00</updatedAt>
          </field>
        </fieldList>
        <updatedAt>2013-08-05T11:01:07-07:00</updatedAt>
      </metadata>`,
    expected: {
      name: 'LeadRecord',
      description: null,
      isCustom: false,
      isVirtual: false,
      fields: [
        {
          name: 'FirstName',
          description: null,
          displayName: 'First Name',
          sourceObject: 'Lead',
          dataType: 'string',
          size: 255,
          isReadonly: false,
          isUpdateBlocked: false,
          isName: true,
          isPrimaryKey: false,
          isCustom: false,
          isDynamic: false,
          dynamicFieldRef: null,
          updatedAt: '2009-09-03T11:57:11-07:00',
        },
        {
          name: 'Id',
          description: "Marketo's own",
          displayName: null,
          sourceObject: null,
          dataType: 'integer',
          size: null,
          isReadonly: true,
          isUpdateBlocked: true,
          isName: null,
          isPrimaryKey: true,
          isCustom: false,
          isDynamic: false,
          dynamicFieldRef: null,
          updatedAt: '2009-09-03T11:57:11-07:00',
        },
      ],
      updatedAt: '2013-08-05T11:01:07-07:00',
    },
  },
  {
    operation: 'listMObjects',
    ask: (marketo) => marketo.listMObjects(),
    params: '',
    result: '<objects>ActivityRecord</objects><objects>LeadRecord</objects><objects>Opportunity</objects>',
    expected: ['ActivityRecord', 'LeadRecord', 'Opportunity'],
  },
  {
    operation: 'requestCampaign',
    ask: (marketo) => marketo.requestCampaign({ campaignId: 4496, leads: [{ id: 1 }, { cookie: COOKIE }] }),
    params: `
      <source>MKTOWS</source>
      <campaignId>4496</campaignId>
      <leadList>
        <leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey>
        <leadKey><keyType>COOKIE</keyType><keyValue>id:123-ABC-456&amp;token:_mch-acme.example-1764000000000-54321</keyValue></leadKey>
      </leadList>`,
    result: '<success>true</success>',
    expected: { success: true },
  },
  {
    operation: 'requestCampaign',
    ask: (marketo) =>
      marketo.requestCampaign({
        programName: 'Trade Show',
        campaignName: 'Thank you',
        tokens: { '{{my.Message}}': 'Tschüß & <thanks>', '{{my.Place}}': '' },
        leads: [{ keyType: 'SFDCLEADID', keyValue: '00Q1' }],
        source: 'SALES',
      }),
    params: `
      <source>SALES</source>
      <leadList><leadKey><keyType>SFDCLEADID</keyType><keyValue>00Q1</keyValue></leadKey></leadList>
      <programName>Trade Show</programName>
      <campaignName>Thank you</campaignName>
      <programTokenList>
        <attrib><name>{{my.Message}}</name><value>Tschüß &amp; &lt;thanks&gt;</value></attrib>
        <attrib><name>{{my.Place}}</name><value></value></attrib>
      </programTokenList>`,
    result: '<success>false</success>',
    expected: { success: false },
  },
  {
    operation: 'listOperation',
    ask: (marketo) =>
      marketo.listOperation({
        operation: 'ADDTOLIST',
        list: 'Trade Show',
        leads: [{ id: 1 }, { email: 'ana@acme.example' }],
        strict: true,
      }),
    params: `
      <listOperation>ADDTOLIST</listOperation>
      <listKey><keyType>MKTOLISTNAME</keyType><keyValue>Trade Show</keyValue></listKey>
      <listMemberList>
        <leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey>
        <leadKey><keyType>EMAIL</keyType><keyValue>ana@acme.example</keyValue></leadKey>
      </listMemberList>
      <strict>true</strict>`,
    result: `
      <success>true</success>
      <statusList>
        <leadStatus><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey><status>true</status></leadStatus>
        <leadStatus><leadKey><keyType>EMAIL</keyType><keyValue>ana@acme.example</keyValue></leadKey><status>0</status></leadStatus>
      </statusList>`,
    expected: {
      success: true,
      statuses: [
        { leadKey: { keyType: 'IDNUM', keyValue: '1' }, status: true },
        { leadKey: { keyType: 'EMAIL', keyValue: 'ana@acme.example' }, status: false },
      ],
    },
  },
  {
    operation: 'listOperation',
    ask: (marketo) =>
      marketo.listOperation({
        operation: 'ISMEMBEROFLIST',
        list: { keyType: 'SFDCLEADOWNERID', keyValue: '005' },
        leads: [{ id: 1 }],
      }),
    params: `
      <listOperation>ISMEMBEROFLIST</listOperation>
      <listKey><keyType>SFDCLEADOWNERID</keyType><keyValue>005</keyValue></listKey>
      <listMemberList><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></listMemberList>`,
    result: `<success>true</success><statusList ${NIL}/>`,
    expected: { success: true, statuses: [] },
  },
]

/** Writes a whole reply around the content of its `result` element. */
export function replyOf(operation: string, result: string): string {
  const success = `success${operation.charAt(0).toUpperCase()}${operation.slice(1)}`
  return `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <SOAP-ENV:Body>
    <ns1:${success}>
      <result>${result}</result>
    </ns1:${success}>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`
}

/** Creates a client whose Marketo is a function, and lists the requests that it sends. */
export function marketoOf(
  answer: (request: string, init: RequestInit) => Response | Promise<Response>,
  options: Partial<MarketoOptions> = {},
) {
  const requests: { url: string; headers: Headers; body: string }[] = []
  const marketo = createMarketo({
    ...ACCOUNT,
    endpoint: ENDPOINT,
    now: () => Date.parse('2026-11-23T09:30:01.789Z'),
    fetch: async (url, init) => {
      const body = typeof init.body === 'string' ? init.body : ''
      requests.push({ url, headers: new Headers(init.headers), body })
      return answer(body, init)
    },
    ...options,
  })
  return { marketo, requests }
}

/** Returns the request that a call sends. The reply is ignored. */
export async function requestOf(ask: (marketo: Marketo) => Promise<unknown>): Promise<string> {
  const { marketo, requests } = marketoOf(() => new Response(''))
  await ask(marketo).catch(() => {})
  return requests[0]?.body ?? ''
}
