/** A stranger's client, generated from the WSDL by Node's `soap`, talks to the simulator in its strict mode. */
import { createHmac } from 'node:crypto'
import { createClientAsync, type Client } from 'soap'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveSimulator, type RunningSimulator } from '../../../../demo/simulator/serve.ts'
import { ACCOUNT, COOKIE } from '../simulator-client.ts'

const NAMESPACE = 'http://www.marketo.com/mktows/'

let simulator: RunningSimulator
let client: Client

beforeEach(async () => {
  simulator = await serveSimulator({ port: 0, account: ACCOUNT, strict: true })
  client = await createClientAsync(`${simulator.url}/soap/mktows/3_1?WSDL`)
  authenticate(ACCOUNT.secretKey)
})

afterEach(() => simulator.close())

describe('the client that soap generates', () => {
  it('has Marketo’s names', () => {
    const calls = Object.keys(client.describe().MktMktowsApiService.MktowsApiSoapPort)

    expect(calls).toEqual([
      'syncLead',
      'syncMultipleLeads',
      'getLead',
      'describeMObject',
      'listMObjects',
      'requestCampaign',
      'listOperation',
    ])
  })

  it('creates a lead and updates it', async () => {
    const lead = {
      leadRecord: {
        Email: 'zoe@acme.example',
        leadAttributeList: { attribute: [{ attrName: 'LastName', attrValue: `Zoë O'Brien & <Söhne> "😀"` }] },
      },
      returnLead: false,
      marketoCookie: COOKIE,
    }

    const created = await call('syncLead', lead)
    const updated = await call('syncLead', { ...lead, returnLead: true })

    expect(created).toMatchObject({ result: { leadId: 700001, syncStatus: { leadId: 700001, status: 'CREATED' } } })
    expect(updated).toMatchObject({
      result: {
        syncStatus: { status: 'UPDATED' },
        leadRecord: {
          Id: 700001,
          Email: 'zoe@acme.example',
          leadAttributeList: {
            attribute: [{ attrName: 'LastName', attrType: 'string', attrValue: `Zoë O'Brien & <Söhne> "😀"` }],
          },
        },
      },
    })
  })

  it('names a workspace in the context header', async () => {
    client.addSoapHeader({ 'tns:MktowsContextHeader': { targetWorkspace: 'Europe' } })

    await call('syncLead', { leadRecord: { Email: 'ana@acme.example' }, returnLead: false })

    const leads = await (await fetch(`${simulator.url}/sim/leads`)).json()
    expect(leads).toMatchObject([{ workspace: 'Europe' }])
  })

  it('makes every other call', async () => {
    const key = { keyType: 'EMAIL', keyValue: 'ana@acme.example' }

    const many = await call('syncMultipleLeads', {
      leadRecordList: { leadRecord: [{ Email: 'ana@acme.example' }, { Email: 'eva@acme.example' }] },
      dedupEnabled: true,
    })
    const found = await call('getLead', { leadKey: key })
    const objects = await call('listMObjects', {})
    const lead = await call('describeMObject', { objectName: 'LeadRecord' })
    const campaign = await call('requestCampaign', {
      source: 'MKTOWS',
      campaignId: 1001,
      leadList: { leadKey: [key] },
    })
    const list = await call('listOperation', {
      listOperation: 'ADDTOLIST',
      listKey: { keyType: 'MKTOLISTNAME', keyValue: 'Newsletter' },
      listMemberList: { leadKey: [key] },
      strict: true,
    })

    expect(many).toMatchObject({ result: { syncStatusList: { syncStatus: [{ leadId: 700001 }, { leadId: 700002 }] } } })
    expect(found).toMatchObject({ result: { count: 1, leadRecordList: { leadRecord: [{ Id: 700001 }] } } })
    expect(objects).toMatchObject({
      result: { objects: ['ActivityRecord', 'LeadRecord', 'Opportunity', 'OpportunityPersonRole'] },
    })
    expect(lead).toMatchObject({
      result: {
        metadata: {
          name: 'LeadRecord',
          fieldList: { field: expect.arrayContaining([expect.objectContaining({ name: 'FirstName', size: 255 })]) },
        },
      },
    })
    expect(campaign).toEqual({ result: { success: true } })
    expect(list).toMatchObject({
      result: { success: true, statusList: { leadStatus: [{ leadKey: key, status: true }] } },
    })
  })

  it('sees a fault with its code', async () => {
    client.clearSoapHeaders()
    authenticate('another key')

    const fault = await call('listMObjects', {}).catch((error: unknown) => error)

    expect(fault).toMatchObject({
      root: {
        Envelope: {
          Body: {
            Fault: {
              faultcode: 'SOAP-ENV:Client',
              faultstring: '20014 - Authentication failed',
              detail: { serviceException: { name: 'mktServiceException', code: '20014' } },
            },
          },
        },
      },
    })
  })
})

function authenticate(secretKey: string): void {
  const stamp = `${new Date().toISOString().slice(0, 19)}+00:00`
  const requestSignature = createHmac('sha1', secretKey)
    .update(stamp + ACCOUNT.userId)
    .digest('hex')
  const header = { mktowsUserId: ACCOUNT.userId, requestSignature, requestTimestamp: stamp }
  client.addSoapHeader({ AuthenticationHeader: header }, '', 'tns', NAMESPACE)
}

/** The whole answer. A fault rejects. */
async function call(operation: string, parameters: object): Promise<unknown> {
  const method: unknown = client[`${operation}Async`]
  if (typeof method !== 'function') throw new Error(`The client has no ${operation}.`)
  const [answer] = (await method.call(client, parameters)) as [unknown]
  return answer
}
