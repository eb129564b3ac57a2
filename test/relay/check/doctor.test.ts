import { describe, expect, it } from 'vitest'
import type { Diagnosis, DoctorOptions } from '../../../relay/check/doctor/diagnosis.ts'
import { examineAccount } from '../../../relay/check/doctor/doctor.ts'
import type { Account } from '../../../relay/config/account.ts'
import { ACCOUNT, openSimulator } from '../../demo/simulator/simulator-client.ts'

const REST: Account = { ...ACCOUNT, endpoint: 'https://123-abc-456.mktorest.example', transport: 'rest' }
const SOAP: Account = { ...ACCOUNT, endpoint: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1', transport: 'soap' }

/** Examines an account of a simulator. `answer` replaces its answers. */
function doctorUnderTest(account: Account, answer?: (path: string) => Response | undefined) {
  const simulator = openSimulator()
  const examine = (options: Partial<DoctorOptions> = {}): Promise<Diagnosis> =>
    examineAccount(account, {
      now: () => simulator.clock.now,
      timeout: 10_000,
      callsPerDay: 5_000,
      marketoForms: [],
      fetch: async (url, init) => {
        const { pathname, search } = new URL(url)
        const response = answer?.(pathname) ?? (await simulator.app.request(pathname + search, init))
        const headers = new Headers(response.headers)
        if (!headers.has('date')) headers.set('date', new Date(simulator.clock.now).toUTCString())
        return new Response(response.body, { status: response.status, headers })
      },
      ...options,
    })
  return { ...simulator, examine }
}

const resultsOf = ({ examinations }: Diagnosis) => examinations.map(({ name, result }) => `${name}: ${result}`)
const find = ({ examinations }: Diagnosis, name: string) => examinations.find((each) => each.name === name)

const denied = () =>
  Response.json({ requestId: 'a#1', success: false, errors: [{ code: '603', message: 'Access denied' }] })

describe('the doctor over REST', () => {
  it('finds nothing wrong with an account that works, and changes nothing', async () => {
    const { examine, leads, calls } = doctorUnderTest(REST)

    const diagnosis = await examine({ marketoForms: [1029] })

    expect(resultsOf(diagnosis)).toEqual([
      'address: ok',
      'clock: ok',
      'credentials: ok',
      'right Read-Only Lead: ok',
      'right Read-Write Lead: ok',
      'right Read-Only Lead, partitions: ok',
      'right Read-Only Asset: ok',
      'calls today: ok',
      'Munchkin id: ok',
    ])
    expect(diagnosis).not.toHaveProperty('leadId')
    expect(await leads()).toEqual([])
    expect((await calls()).some(({ operation }) => operation === 'submitForm')).toBe(false)
  })

  it('creates a person only when it is told to, returns the id, and answers a question by it', async () => {
    const { examine, leads } = doctorUnderTest(REST)

    const { leadId, pleaseTellUs } = await examine({ lead: 'test@acme.example' })

    const [person] = await leads()
    expect(person).toMatchObject({ id: leadId, email: 'test@acme.example' })
    expect(pleaseTellUs.find(({ question }) => question.includes('boolean'))?.seen).toBe('"1" was read back as true.')
    expect(pleaseTellUs.length).toBeGreaterThan(5)
  })

  it.each([
    ['/rest/v1/leads/describe.json', 'right Read-Only Lead'],
    ['/rest/v1/leads.json', 'right Read-Write Lead'],
    ['/rest/v1/leads/partitions.json', 'right Read-Only Lead, partitions'],
    ['/rest/asset/v1/form/1029/fields.json', 'right Read-Only Asset'],
  ])('names the right whose call is refused: %s', async (path, name) => {
    const { examine } = doctorUnderTest(REST, (asked) => (asked === path ? denied() : undefined))

    const diagnosis = await examine({ marketoForms: [1029] })

    const errors = diagnosis.examinations.filter(({ result }) => result === 'error')
    expect(errors).toEqual([
      {
        name,
        result: 'error',
        seen: '603 Access denied.',
        advice: expect.stringContaining(`the right "${name.slice(6)}"`) as string,
      },
    ])
  })

  it('tells wrong credentials from an address that is not reached', async () => {
    const wrong = doctorUnderTest({ ...REST, clientSecret: 'a-wrong-secret' })
    const { examine } = doctorUnderTest(REST)
    const notFound = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) })
    const expired = new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }),
    })

    const refused = await wrong.examine()
    const unknown = await examine({ fetch: () => Promise.reject(notFound) })
    const untrusted = await examine({ fetch: () => Promise.reject(expired) })

    expect(resultsOf(refused)).toContain('address: ok')
    expect(find(refused, 'credentials')).toMatchObject({ result: 'error' })
    expect(JSON.stringify(refused)).not.toContain('a-wrong-secret')
    expect(find(unknown, 'address')).toMatchObject({
      result: 'error',
      advice: expect.stringContaining('DNS') as string,
    })
    expect(find(unknown, 'credentials')?.result).toBe('not examined')
    expect(find(untrusted, 'address')?.advice).toContain('certificate')
  })

  it('warns of a clock that is wrong by more than a minute', async () => {
    const { examine, clock } = doctorUnderTest(REST)

    const ahead = await examine({ now: () => clock.now + 125_000 })

    expect(find(ahead, 'clock')).toMatchObject({
      result: 'warning',
      seen: 'The clock of this machine is 125 s ahead.',
    })
  })

  it.each([
    ['that contradicts the endpoint', '999-XYZ-999', 'error', 'belongs to 123-ABC-456'],
    ['that fits it', '123-ABC-456', 'ok', '123-ABC-456'],
    ['from the endpoint', undefined, 'ok', 'from the endpoint'],
  ])('examines a Munchkin id %s', async (_, munchkinId, result, seen) => {
    const { examine } = doctorUnderTest(REST)

    expect(find(await examine({ munchkinId }), 'Munchkin id')).toMatchObject({
      result,
      seen: expect.stringContaining(seen) as string,
    })
  })

  it('warns when other integrations use the calls of the day', async () => {
    const { examine } = doctorUnderTest(REST, (path) =>
      path === '/rest/v1/stats/usage.json'
        ? Response.json({ requestId: 'a#1', success: true, result: [{ date: '2026-11-23', total: 9_000 }] })
        : undefined,
    )

    expect(find(await examine(), 'calls today')).toMatchObject({
      result: 'warning',
      seen: expect.stringContaining('9000 calls today') as string,
    })
  })
})

describe('the doctor over SOAP', () => {
  it('finds nothing wrong with an account that works, and changes nothing', async () => {
    const { examine, leads } = doctorUnderTest(SOAP)

    const diagnosis = await examine()

    expect(resultsOf(diagnosis)).toEqual([
      'address: ok',
      'clock: ok',
      'credentials: ok',
      'describeMObject: ok',
      'Munchkin id: ok',
    ])
    expect(await leads()).toEqual([])
  })

  it('says what to do about a wrong key, and about a clock that Marketo refuses', async () => {
    const wrong = doctorUnderTest({ ...SOAP, secretKey: 'another key' })
    const { examine, clock } = doctorUnderTest(SOAP)

    const key = await wrong.examine()
    const late = await examine({ now: () => clock.now - 3_600_000 })

    expect(find(key, 'credentials')).toMatchObject({
      result: 'error',
      seen: '20014 Authentication Failed.',
      advice: expect.stringContaining('MARKETO_SECRET_KEY') as string,
    })
    expect(find(late, 'clock')?.result).toBe('warning')
    expect(find(late, 'credentials')?.advice).toContain('NTP')
  })

  it('creates a person only when it is told to', async () => {
    const { examine, leads } = doctorUnderTest(SOAP)

    const { leadId } = await examine({ lead: 'test@acme.example' })

    expect(await leads()).toMatchObject([{ id: leadId, email: 'test@acme.example' }])
  })
})
