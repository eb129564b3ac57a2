/** A relay on Node under floods: what becomes of the flood, and what of the visitors meanwhile. */
import { describe, expect, it } from 'vitest'
import type { Lead } from '../../../../relay/intake/lead.ts'
import { makeFolder } from '../../../support/folder.ts'
import { startNodeRelay } from '../../../support/node-relay.ts'
import { ACME, FORMS } from '../../../support/relay.ts'
import { askState } from '../../../support/operator.ts'

/** The tests' own connections come from here. */
const BEHIND_PROXY = { FORM_SYNC_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' }
/** Twenty posts a minute, a burst of ten, and 200 at most. */
const LOW_RATE = { ...BEHIND_PROXY, FORM_SYNC_POSTS_PER_MINUTE: '20' }
const FLOOD = '203.0.113.7'
const ID = '0193573a-1c00-7000-8000-0123456789ab'
const NOTE = 'cookie left out: many posts of one network'

type Relay = Awaited<ReturnType<typeof startNodeRelay>>

const from = (address: string) => ({ 'x-forwarded-for': address })
const cookieOf = (person: number) => `id:123-ABC-456&token:_mch-acme.example-1764000000000-${10_000 + person}`

/** Posts the form of one person, with a cookie. Returns the status. */
async function send({ post }: Relay, person: number, address: string): Promise<number> {
  const fields = { Email: `p${person}@acme.example`, _visitor: cookieOf(person), _page: `${ACME}/` }
  return (await post(fields, from(address))).status
}

/** Posts the forms of as many people, one after the other or by a group at a time. Returns the number of each status. */
async function sendAll(relay: Relay, people: number, addressOf: (person: number) => string) {
  const statuses: Record<number, number> = {}
  for (let first = 0; first < people; first += 50) {
    const group = Array.from({ length: Math.min(50, people - first) }, (_, at) => first + at)
    for (const status of await Promise.all(group.map((person) => send(relay, person, addressOf(person))))) {
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  return statuses
}

function leadsIn({ rows }: Relay): (Lead & { isAlone: boolean })[] {
  return rows<{ lead: string; batch_key: string | null }>('SELECT lead, batch_key FROM job ORDER BY seq').map(
    ({ lead, batch_key }) => ({ ...(JSON.parse(lead) as Lead), isAlone: batch_key === null }),
  )
}

describe('visitors', () => {
  it('an office of 50 people behind one address is taken, and each keeps their cookie', async () => {
    const relay = await startNodeRelay({ env: BEHIND_PROXY })

    const statuses = await sendAll(relay, 50, () => '198.51.100.4')

    expect(statuses).toEqual({ 202: 50 })
    expect(leadsIn(relay).map(({ cookie, notes, weak }) => [cookie !== undefined, notes, weak])).toEqual(
      Array.from({ length: 50 }, () => [true, [], undefined]),
    )
  })

  it('50 visitors of other networks are taken with their cookies while one network floods', async () => {
    const relay = await startNodeRelay({ env: LOW_RATE })
    await sendAll(relay, 250, () => FLOOD)

    const [flood, visitors] = await Promise.all([
      sendAll(relay, 50, () => FLOOD),
      sendAll(relay, 50, (person) => (person % 2 === 0 ? `198.51.100.${person}` : `2001:db8:0:${person}::7`)),
    ])

    expect(flood).toEqual({ 429: 50 })
    expect(visitors).toEqual({ 202: 50 })
    expect(leadsIn(relay).filter(({ cookie }) => cookie !== undefined)).toHaveLength(30 + 50)
  })

  it('a relay behind a proxy that is not configured has no limits by network, and says so', async () => {
    const relay = await startNodeRelay({
      env: { FORM_SYNC_POSTS_PER_MINUTE: '1', FORM_SYNC_MAX_WAITING_PER_SOURCE: '1' },
    })

    expect(await sendAll(relay, 30, (person) => `198.51.100.${person}`)).toEqual({ 202: 30 })
    expect(leadsIn(relay).every(({ cookie }) => cookie !== undefined)).toBe(true)
    expect(relay.events).toContainEqual(
      expect.objectContaining({ event: 'configuration-warning', place: 'FORM_SYNC_TRUSTED_PROXIES' }),
    )
  })
})

describe('a flood of one network', () => {
  it('is answered 429 with Retry-After far beyond the rate, in a page too, and each refusal is counted', async () => {
    const relay = await startNodeRelay({ env: LOW_RATE })
    const statuses = await sendAll(relay, 250, () => FLOOD)

    const json = await relay.post({ Email: 'a@acme.example' }, from(FLOOD))
    const page = await relay.post({ Email: 'a@acme.example' }, { ...from(FLOOD), accept: 'text/html' })

    expect(statuses).toEqual({ 202: 200, 429: 50 })
    expect(await json.json()).toMatchObject({ status: 429, code: 'rate' })
    for (const { headers } of [json, page]) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(json.headers.get('access-control-allow-origin')).toBe(ACME)
    expect(await page.text()).toContain('Too many forms were sent from your network')
    expect(relay.events.find(({ event }) => event === 'refused')).toEqual({
      event: 'refused',
      form: 'contact',
      code: 'rate',
      origin: ACME,
    })
    expect(await relay.issues('turned-away')).toEqual([])
  })

  it('spends no call of its own for made-up cookies beyond the rate', async () => {
    // A lead with a workspace goes alone in any case.
    const { workspace: _, ...contact } = FORMS.forms.contact
    const relay = await startNodeRelay({ env: LOW_RATE, forms: { forms: { contact } } })

    await sendAll(relay, 200, () => FLOOD)

    const leads = leadsIn(relay)
    expect(leads.filter(({ isAlone }) => isAlone)).toHaveLength(30)
    expect(leads.filter(({ notes }) => notes.includes(NOTE))).toHaveLength(170)
    expect(leads.filter(({ cookie, notes }) => cookie !== undefined && notes.includes(NOTE))).toEqual([])
    expect(leads.filter(({ weak }) => weak)).toEqual(leads.filter(({ notes }) => notes.includes(NOTE)))
  })

  it.each([
    [
      'with a forged X-Forwarded-For before the entries of trusted proxies',
      (n: number) => `198.51.100.${n}, ${FLOOD}, 10.0.0.1`,
    ],
    ['with addresses of trusted proxies that are made up', (n: number) => `10.0.0.${n}, ${FLOOD}`],
    ['from addresses of one IPv6 subscriber', (n: number) => `2001:db8:1:2::${n}`],
    ['in other spellings of its IPv4 address', (n: number) => (n % 2 === 0 ? FLOOD : `::ffff:${FLOOD}`)],
  ])('counts as one network %s', async (_, addressOf) => {
    const relay = await startNodeRelay({ env: LOW_RATE })

    expect(await sendAll(relay, 250, (n) => addressOf(n % 250))).toEqual({ 202: 200, 429: 50 })
  })

  it('has a maximum of leads in an hour, and a visitor of another network goes on', async () => {
    const relay = await startNodeRelay({ env: { ...BEHIND_PROXY, FORM_SYNC_MAX_WAITING_PER_SOURCE: '3' } })
    const first = await relay.post({ Email: 'a@acme.example', _id: ID }, from(FLOOD))
    const flood = await sendAll(relay, 6, () => FLOOD)

    const again = await relay.post({ Email: 'a@acme.example', _id: ID }, from(FLOOD))
    const refused = await relay.post({ Email: 'b@acme.example' }, from(FLOOD))

    expect([first.status, again.status]).toEqual([202, 202])
    expect(flood).toEqual({ 202: 2, 429: 4 })
    expect(refused.headers.get('retry-after')).toBe('300')
    expect(await send(relay, 7, '198.51.100.4')).toBe(202)
    expect(relay.rows('SELECT 1 FROM job')).toHaveLength(4)
  })
})

describe('a relay that is full', () => {
  const withMaximum = (maxWaiting: number) => ({
    forms: { ...FORMS.forms, contact: { ...FORMS.forms.contact, maxWaiting } },
  })

  it('refuses the leads of a form that has its maximum, says so, and takes those of another form', async () => {
    const relay = await startNodeRelay({ forms: withMaximum(5) })

    const statuses = await sendAll(relay, 8, () => FLOOD)
    const refused = await relay.post({ Email: 'a@acme.example' })
    const page = await relay.post({ Email: 'a@acme.example' }, { accept: 'text/html' })
    const other = await relay.post({ Email: 'a@acme.example' }, {}, 'plain')

    expect(statuses).toEqual({ 202: 5, 503: 3 })
    expect(await refused.json()).toMatchObject({ status: 503, code: 'unavailable' })
    expect([refused, page].map(({ headers }) => headers.get('retry-after'))).toEqual(['60', '60'])
    expect(other.status).toBe(202)
    expect(await relay.issues('full')).toEqual([expect.stringContaining('5 leads of the form contact wait')])
  })

  it('refuses the leads of every form beyond the maximum of all, and names the variable', async () => {
    const relay = await startNodeRelay({ env: { FORM_SYNC_MAX_WAITING: '3' } })
    await relay.post({ Email: 'a@acme.example' }, {}, 'plain')

    const statuses = await sendAll(relay, 4, () => FLOOD)
    const other = await relay.post({ Email: 'b@acme.example' }, {}, 'plain')

    expect(statuses).toEqual({ 202: 2, 503: 2 })
    expect(other.status).toBe(503)
    expect(await relay.issues('full')).toEqual([
      expect.stringContaining('3 leads wait, as many as FORM_SYNC_MAX_WAITING'),
    ])
  })

  it('answers a known id as before, but not another content under it', async () => {
    const relay = await startNodeRelay({ env: { FORM_SYNC_MAX_WAITING: '1' } })
    const ana = { Email: 'ana@acme.example', first: 'Ana', _id: ID }
    await relay.post(ana)

    const again = await relay.post(ana)
    const reused = await relay.post({ ...ana, first: 'Bea' })
    const fresh = await relay.post({ ...ana, _id: ID.replace('b', 'c') })

    expect([again.status, await again.json()]).toEqual([202, { ok: true, id: ID }])
    expect([reused.status, fresh.status]).toEqual([503, 503])
    expect(relay.rows('SELECT 1 FROM job')).toHaveLength(1)
  })

  it('refuses leads while the disk is below the reserve, and stays ready', async () => {
    const relay = await startNodeRelay({ env: { FORM_SYNC_DISK_RESERVE_MB: '9999999' } })

    const refused = await relay.post({ Email: 'a@acme.example' })
    const ready = await askState(relay.url)

    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ state: 'full' })
    expect(await relay.issues('full')).toEqual([
      expect.stringMatching(/^the disk has \d+ MB left, .*outbox\.sqlite and its log have \d+ MB$/),
    ])
  })

  it('is full after a restart of what the last process left', async () => {
    const folder = makeFolder()
    const env = { FORM_SYNC_MAX_WAITING: '2' }
    const first = await startNodeRelay({ env, folder })
    await sendAll(first, 2, () => FLOOD)
    await first.close()

    const second = await startNodeRelay({ env, folder })

    expect(await sendAll(second, 3, () => FLOOD)).toEqual({ 503: 3 })
  })
})
