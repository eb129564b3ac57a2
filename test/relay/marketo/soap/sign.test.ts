import { describe, expect, it } from 'vitest'
import { createSigner, formatTimestamp } from '../../../../relay/marketo/soap/sign.ts'

const BIGCORP = {
  userId: 'bigcorp1_461839624B16E06BA2D663',
  secretKey: '899756834129871744AAEE88DDCC77CDEEDEC1AAAD66',
}
const DEMO = { userId: 'demo17_1_809934544BFABAE58E5D27', secretKey: '27272727aa' }

describe('the signature', () => {
  // Published on Marketo's pages together with the keys. Each was verified with
  //   printf '%s%s' "$timestamp" "$user" | openssl dgst -sha1 -hmac "$key"
  it.each([
    ['the old API document', BIGCORP, '2010-04-09T14:04:54-07:00', 'ffbff4d4bef354807481e66dc7540f7890523a87'],
    ['syncLead in a client library', DEMO, '2013-08-01T18:22:30-07:00', 'b5e21953ae9f1b263e644da5eccce9ff33802513'],
    ['deleteCustomObjects', DEMO, '2013-08-20T11:42:32-07:00', 'a975513bb547bc4a5766a54f6f30e7319eb9811f'],
    ['deleteMObjects', DEMO, '2013-08-05T14:33:48-07:00', 'ed4c982dfbb3d569cdda1b658ab3eb97452e1df7'],
    ['describeMObject', DEMO, '2013-08-05T11:01:07-07:00', 'd27074cb49414b3410fd7ab58b5945c3e86d28d4'],
    ['getCampaignsForSource', DEMO, '2013-08-05T11:08:02-07:00', 'd4bebb327d734bc517851f4b93d488cf4498be81'],
    ['getChannels', DEMO, '2013-08-05T11:21:17-07:00', '1538ddb4e5208ac2feeb431e9b2b22caecc1de3f'],
    ['getCustomObjects', DEMO, '2013-08-20T11:18:12-07:00', '974ad482f5625657d82f38ee1522b69f0d6bc715'],
  ])('is the one that Marketo published for %s', async (_page, account, timestamp, signature) => {
    const sign = createSigner(account)

    expect(await sign(timestamp)).toBe(signature)
  })

  // Also published on Marketo's pages, but edited or copied from another call: no published key produces them.
  it.each([
    [
      'authentication-signature',
      'mktodemoaccount881_536240405411DF5316D5C9',
      '2017-03-09T17:40:00-08:00',
      '3f4b21eb586063dc65774a2733713cac342e9c81',
    ],
    ['getLead', BIGCORP.userId, '2013-07-30T14:15:06-07:00', 'ffbff4d4bef354807481e66dc7540f7890523a87'],
    [
      'getLeadActivity',
      'demo17_1_809939874BFABAE58E5D27',
      '2013-07-31T17:34:01-07:00',
      '04c4f6df99a2271e0fc42dde67939defd2528a74',
    ],
    [
      'requestCampaign',
      'demo17_1_809939944BFABAE58E5D27',
      '2013-08-01T12:31:14-07:00',
      '48397ad47b71a1439f13a51eea3137df46441979',
    ],
    [
      'scheduleCampaign',
      'demo17_1_809224544BFABAE58E5D27',
      '2013-08-03T21:39:34-07:00',
      'b578495dfdd03231455bb7671f02d2fe0a9edf79',
    ],
    ['syncLead', BIGCORP.userId, '2013-07-31T12:38:47-07:00', '92f05a7be4838ae1c0e5aafe814891ee72968a08'],
  ])('is not the one that Marketo published for %s', async (_page, userId, timestamp, published) => {
    const signatures = await Promise.all(
      [BIGCORP, DEMO].map(({ secretKey }) => createSigner({ userId, secretKey })(timestamp)),
    )

    expect(signatures).not.toContain(published)
  })

  it('encodes keys and user ids as UTF-8', async () => {
    // printf '2026-11-23T09:30:00+00:00zoë_1' | openssl dgst -sha1 -hmac 'schlüssel 😀'
    const sign = createSigner({ userId: 'zoë_1', secretKey: 'schlüssel 😀' })

    expect(await sign('2026-11-23T09:30:00+00:00')).toBe('c0030e13ea6f7c8ed7105e5ee8ff6bca1c390b51')
  })

  it('is made anew for every timestamp, even for concurrent calls', async () => {
    const sign = createSigner(DEMO)

    const signatures = await Promise.all([
      sign('2013-08-05T11:01:07-07:00'),
      sign('2013-08-05T11:08:02-07:00'),
      sign('2013-08-05T11:01:07-07:00'),
    ])
    const later = await sign('2013-08-05T11:21:17-07:00')

    expect([...signatures, later]).toEqual([
      'd27074cb49414b3410fd7ab58b5945c3e86d28d4',
      'd4bebb327d734bc517851f4b93d488cf4498be81',
      'd27074cb49414b3410fd7ab58b5945c3e86d28d4',
      '1538ddb4e5208ac2feeb431e9b2b22caecc1de3f',
    ])
  })
})

describe('the timestamp', () => {
  // date -u -d @1795426202 +%FT%T+00:00
  it.each([
    ['a time of this century', 1_795_426_202_000, '2026-11-23T09:30:02+00:00'],
    ['the last millisecond of a second', 1_795_426_202_999, '2026-11-23T09:30:02+00:00'],
    ['the epoch', 0, '1970-01-01T00:00:00+00:00'],
  ])('is in UTC with a numeric offset and no fraction: %s', (_which, at, timestamp) => {
    expect(formatTimestamp(at)).toBe(timestamp)
  })
})
