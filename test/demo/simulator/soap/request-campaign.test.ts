import { describe, expect, it } from 'vitest'
import type { CampaignView } from '../../../../demo/simulator/view.ts'
import { dense, element, leadKey, openSimulator, type Answer, type SimulatorClient } from '../simulator-client.ts'

const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Body>
    <ns1:successRequestCampaign><result><success>true</success></result></ns1:successRequestCampaign>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`

const ANA = leadKey('EMAIL', 'ana@acme.example')
const BY_ID = '<campaignId>1001</campaignId>'
const BY_NAME = element('programName', 'Pilots') + element('campaignName', 'Pilot follow-up')

describe('requestCampaign', () => {
  it('sends leads through the campaign with the given id', async () => {
    const simulator = await withAna()

    const answer = await request(simulator, BY_ID, ANA + leadKey('IDNUM', 700002))

    expect(dense(answer.body)).toBe(dense(ANSWER))
    expect(await campaigns(simulator)).toMatchObject([
      { id: 1001, requests: [{ at: '2026-11-23T09:30:00.000Z', call: 3, leadIds: [700001, 700002], tokens: [] }] },
      { id: 1002, requests: [] },
    ])
  })

  it('finds a campaign by its name and program, and records the program tokens', async () => {
    const simulator = await withAna()
    const tokens = `<programTokenList><attrib><name>{{my.greeting}}</name><value>Ahoj &amp; olá</value></attrib></programTokenList>`

    await simulator.ask('RequestCampaign', `<source>SALES</source><leadList>${ANA}</leadList>${BY_NAME}${tokens}`)

    const [campaign] = await campaigns(simulator)
    expect(campaign?.requests[0]?.tokens).toEqual([{ name: '{{my.greeting}}', value: 'Ahoj & olá' }])
  })

  it('silently ignores keys after the first 100', async () => {
    const simulator = await withAna()

    const answer = await request(simulator, BY_ID, ANA.repeat(100) + leadKey('EMAIL', 'nobody@acme.example'))

    const [campaign] = await campaigns(simulator)
    expect(answer.status).toBe(200)
    expect(campaign?.requests[0]?.leadIds).toHaveLength(100)
  })

  it.each([
    ['20101 without a lead', BY_ID, ''],
    ['20102 with an unknown type of key', BY_ID, leadKey('PHONE', '1')],
    ['20103 with an unknown lead', BY_ID, ANA + leadKey('EMAIL', 'nobody@acme.example')],
    ['20109 without a campaign', '', ANA],
    ['20109 with a campaign name without a program', element('campaignName', 'Pilot follow-up'), ANA],
    ['20110 with an id that is not a number', '<campaignId>first</campaignId>', ANA],
    ['20113 with an unknown campaign', '<campaignId>42</campaignId>', ANA],
    ['20113 with the program of another campaign', BY_NAME.replace('Pilots', 'Newsletter'), ANA],
    ['20114 with both an id and a name', BY_ID + BY_NAME, ANA],
  ])('answers %s and records no request', async (title, campaign, keys) => {
    const simulator = await withAna()

    const answer = await request(simulator, campaign, keys)

    expect(answer.code).toBe(title.slice(0, 5))
    expect((await campaigns(simulator)).flatMap(({ requests }) => requests)).toEqual([])
  })

  it.each([
    ['20109', ''],
    ['20110', '<source>WEB</source>'],
  ])('answers %s to the source "%s"', async (code, source) => {
    const simulator = await withAna()

    const answer = await simulator.ask('RequestCampaign', `${source}${BY_ID}<leadList>${ANA}</leadList>`)

    expect(answer.code).toBe(code)
  })

  it('has no requests after a reset', async () => {
    const simulator = await withAna()
    await request(simulator, BY_ID, ANA)

    await simulator.app.request('/sim/reset', { method: 'POST' })

    expect((await campaigns(simulator)).flatMap(({ requests }) => requests)).toEqual([])
  })
})

async function withAna(): Promise<SimulatorClient> {
  const simulator = openSimulator()
  await simulator.sync({ email: 'ana@acme.example' })
  await simulator.sync({ email: 'eva@acme.example' })
  return simulator
}

function request(simulator: SimulatorClient, campaign: string, keys: string): Promise<Answer> {
  return simulator.ask('RequestCampaign', `<source>MKTOWS</source>${campaign}<leadList>${keys}</leadList>`)
}

async function campaigns({ app }: SimulatorClient): Promise<CampaignView[]> {
  return (await (await app.request('/sim/campaigns')).json()) as CampaignView[]
}
