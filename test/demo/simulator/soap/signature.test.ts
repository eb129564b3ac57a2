import { describe, expect, it } from 'vitest'
import { readStamp, sign } from '../../../../demo/simulator/soap/signature.ts'
import { message, openSimulator, START } from '../simulator-client.ts'

const BIGCORP = ['bigcorp1_461839624B16E06BA2D663', '899756834129871744AAEE88DDCC77CDEEDEC1AAAD66'] as const
const DEMO = ['demo17_1_809934544BFABAE58E5D27', '27272727aa'] as const

describe('the signature', () => {
  // Published by Marketo with their keys: the old API document and the samples of its SOAP pages.
  it.each([
    ['the API document', ...BIGCORP, '2010-04-09T14:04:54-07:00', 'ffbff4d4bef354807481e66dc7540f7890523a87'],
    ['the second family', ...DEMO, '2013-08-01T18:22:30-07:00', 'b5e21953ae9f1b263e644da5eccce9ff33802513'],
    ['deleteCustomObjects', ...DEMO, '2013-08-20T11:42:32-07:00', 'a975513bb547bc4a5766a54f6f30e7319eb9811f'],
    ['deleteMObjects', ...DEMO, '2013-08-05T14:33:48-07:00', 'ed4c982dfbb3d569cdda1b658ab3eb97452e1df7'],
    ['describeMObject', ...DEMO, '2013-08-05T11:01:07-07:00', 'd27074cb49414b3410fd7ab58b5945c3e86d28d4'],
    ['getCampaignsForSource', ...DEMO, '2013-08-05T11:08:02-07:00', 'd4bebb327d734bc517851f4b93d488cf4498be81'],
    ['getChannels', ...DEMO, '2013-08-05T11:21:17-07:00', '1538ddb4e5208ac2feeb431e9b2b22caecc1de3f'],
    ['getCustomObjects', ...DEMO, '2013-08-20T11:18:12-07:00', '974ad482f5625657d82f38ee1522b69f0d6bc715'],
  ])('equals the one that Marketo published for %s', async (_, userId, key, stamp, published) => {
    const signature = await sign(userId, stamp, key)

    expect(signature).toBe(published)
  })
})

describe('authentication', () => {
  const params = '<leadRecord><Email>ana@acme.example</Email></leadRecord><returnLead>false</returnLead>'

  it.each([
    ['another key', message({ params, secretKey: 'another key' })],
    ['another user', message({ params, userId: 'acmeweb_000000000000000000000' })],
    ['upper case in the signature', message({ params, signature: '7D9D46657C640A15AC031889327F8389AA844839' })],
    ['a signature for another stamp', message({ params, signature: '275482698c811283885025c1004238581cb1ff56' })],
    ['no signature', message({ params, signature: '' })],
    ['no header', message({ params }).replace(/<ns1:AuthenticationHeader>[^]*<\/ns1:AuthenticationHeader>/, '')],
    [
      'a header without its namespace',
      message({ params }).replaceAll('ns1:AuthenticationHeader', 'AuthenticationHeader'),
    ],
  ])('answers 20014 to %s', async (_, sent) => {
    const simulator = openSimulator()

    const answer = await simulator.post(sent)

    expect(answer).toMatchObject({ status: 500, code: '20014' })
    expect(await simulator.leads()).toEqual([])
  })

  it.each([
    ['one second too old', START - 301_000, '20016'],
    ['exactly five minutes old', START - 300_000, undefined],
    ['exactly five minutes ahead', START + 300_000, undefined],
    ['one second too far ahead', START + 301_000, '20016'],
  ])('checks the time of a stamp that is %s', async (_, stampedAt, code) => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params, now: stampedAt }))

    expect(answer.code).toBe(code)
  })

  it('uses the configured window for time stamps', async () => {
    const simulator = openSimulator({ stampWindowMs: 1_000 })

    const answer = await simulator.post(message({ params, now: START - 2_000 }))

    expect(answer.code).toBe('20016')
  })

  it('answers 20016 to an invalid stamp with a valid signature', async () => {
    const simulator = openSimulator()

    const answer = await simulator.post(message({ params, stamp: 'yesterday' }))

    expect(answer.code).toBe('20016')
  })
})

describe('a stamp is parsed', () => {
  const noon = Date.UTC(2014, 6, 23, 21, 53, 18)

  it.each([
    ['W3C with a colon', '2014-07-23T16:53:18-05:00', noon],
    ['W3C in UTC', '2014-07-23T21:53:18+00:00', noon],
    ['in the format of Java', '2014-07-23T16:53:18-0500', noon],
    ['in the format of Ruby', '2014-07-23 16:53:18 -0500', noon],
    ['without an offset', '2014-07-23T16:53:18', undefined],
    ['with an invalid month', '2014-13-23T16:53:18-05:00', undefined],
    ['empty', '', undefined],
  ])('%s', (_, stamp, expected) => {
    expect(readStamp(stamp)).toBe(expected)
  })
})
