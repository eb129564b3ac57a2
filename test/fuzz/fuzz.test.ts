import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PersonView } from '../../demo/simulator/view.ts'
import { mutate } from '../chaos/mutate.ts'
import { chanceOf } from '../chaos/chance.ts'
import { parseReplies } from './connection.ts'
import { violationOf } from './contract.ts'
import { FUZZ_MUTATIONS } from './mutations.ts'
import { isFlat } from './memory.ts'
import { forbiddenIn } from './received.ts'
import { makeRequest } from './requests.ts'
import { isOfWorkerd } from './server-replies.ts'
import { fuzz } from './run.ts'

const PROBLEM = { type: 'about:blank', title: 't', status: 422, code: 'fields', detail: 'd' }

function reply(status: number, fields: Record<string, string>, body: string): string {
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} X\r\n${head.join('')}Content-Length: ${body.length}\r\n\r\n${body}`
}

const asProblem = (status: number, body: object = { ...PROBLEM, status }, fields = {}) =>
  reply(status, { 'Content-Type': 'application/problem+json', ...fields }, JSON.stringify(body))

const violationIn = (text: string) => violationOf({ ...parseReplies(text), hung: false, broken: false })

describe('the contract of a reply', () => {
  it.each([
    ['a problem', asProblem(422)],
    ['an accepted lead', reply(202, {}, '{"ok":true,"id":"0193573a-1c00-7000-8000-0123456789ab"}')],
    ['a page', reply(404, { 'Content-Type': 'text/html', 'Content-Security-Policy': 'x' }, '<p>')],
    ['a relay without room', asProblem(503, { ...PROBLEM, status: 503 }, { 'Retry-After': '5' })],
    ['a request that the server cannot parse', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['a continued request', `HTTP/1.1 100 Continue\r\n\r\n${asProblem(422)}`],
    ['a reply to HTTP/1.0', asProblem(404).replace('HTTP/1.1', 'HTTP/1.0')],
    ['a chunked reply', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ])('is met by %s', (_, text) => {
    expect(violationIn(text)).toBeUndefined()
  })

  it.each([
    ['the status 500', asProblem(500)],
    ['no problem, with the status 404', reply(404, { 'Content-Type': 'text/plain' }, 'nothing')],
    ['no problem, with the status 422', reply(422, { 'Content-Type': 'application/problem+json' }, '{')],
    ['an incomplete problem, with the status 422', asProblem(422, { ...PROBLEM, status: 400 })],
    ['the status 503 without Retry-After', asProblem(503)],
    ['a page without a policy, with the status 404', reply(404, { 'Content-Type': 'text/html' }, '<p>')],
    ['a reply 202 without an id', reply(202, {}, '{"ok":true}')],
    ['a redirect without Location', reply(303, {}, '')],
    ['a header field that the request has injected', reply(200, { 'X-Injected': '1' }, '')],
    ['the insides of the relay in a reply 400', asProblem(400, { ...PROBLEM, detail: 'TypeError: x' })],
    [
      'a failure of the relay that it did not expect',
      asProblem(
        503,
        {
          ...PROBLEM,
          status: 503,
          detail: 'An unexpected error occurred. Please send the request again.',
        },
        { 'Retry-After': '5' },
      ),
    ],
    ['bytes that are no reply', `${asProblem(422)}{"half":`],
    ['the status 302', reply(302, { Location: '/' }, '')],
  ])('is broken by %s', (violation, text) => {
    expect(violationIn(text)).toBe(violation)
  })

  it('is broken by the second of two replies, and by a connection that hangs', () => {
    expect(violationIn(asProblem(422) + asProblem(500))).toBe('the status 500')
    expect(violationOf({ replies: [], hung: true, broken: false, rest: '' })).toBe('a connection that hangs')
  })
})

describe("a reply of workerd's own HTTP server", () => {
  const parsed = (text: string) => parseReplies(text).replies[0]!

  it.each([
    ['an unknown method', 501, 'ERROR: Unrecognized request method.', 'post / HTTP/1.1'],
    ['a target that is none', 400, 'invalid URI', 'GET f HTTP/1.1'],
  ])('is told by its text: %s', (_, status, body, request) => {
    expect(isOfWorkerd(parsed(reply(status, { 'Content-Type': 'text/plain' }, body)), request)).toBe(true)
    expect(isOfWorkerd(parsed(reply(status, { 'Content-Type': 'text/plain' }, `${body} TypeError`)), request)).toBe(
      false,
    )
  })

  it('is a 500 only to a request for a tunnel', () => {
    const failure = parsed(reply(500, {}, 'Internal Server Error'))

    expect(isOfWorkerd(failure, 'CONNECT / HTTP/1.1')).toBe(true)
    expect(isOfWorkerd(failure, 'POST /f/contact HTTP/1.1')).toBe(false)
  })
})

describe('what may reach Marketo', () => {
  const PERSON: PersonView = {
    id: 1,
    known: true,
    email: 'a@fuzz.example',
    attributes: { LastName: '<b>', LeadSource: 'Web', Topics__c: 'a;b' },
    foreignIds: [],
    cookies: ['id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'],
    workspace: 'Default',
    partition: 'Default',
    activities: [],
    createdAt: '',
    updatedAt: '',
  }

  it('is what the forms define', () => {
    expect(forbiddenIn([PERSON])).toEqual([])
  })

  it.each<[string, Partial<PersonView>]>([
    ['the attribute IsUnsubscribed', { attributes: { IsUnsubscribed: '1' } }],
    ['a value of LeadSource that is not listed', { attributes: { LeadSource: 'Mine' } }],
    ['a value of Size__c that is not listed', { attributes: { Size__c: 'xl' } }],
    ['a cookie of another account or site', { cookies: ['id:999-XYZ-999&token:_mch-evil.example-1-1'] }],
    ['the workspace Asia', { workspace: 'Asia' }],
    ['the id of another system', { foreignIds: [{ id: '1', type: 'CUSTOM' }] }],
    ['an address that is none', { email: 'a b@c' }],
  ])('is not %s', (forbidden, over) => {
    expect(forbiddenIn([{ ...PERSON, ...over }])).toEqual([forbidden])
  })
})

describe('the memory of a relay', () => {
  const isFlatIn = (...megabytes: number[]) => isFlat(megabytes.map((number) => number * 1024 ** 2))

  it('is flat when it fills up and stays, also with a little more', () => {
    expect(isFlatIn(227, 262, 306, 309, 312)).toBe(true)
    expect(isFlatIn(34, 30, 30, 31, 31)).toBe(true)
  })

  it.each([
    ['from a tenth of the requests on', [100, 190, 190, 190, 190]],
    ['in the second half', [227, 262, 306, 330, 355]],
    ['slowly, with each request', [30, 33, 38, 43, 48]],
  ])('is not flat when it grows %s', (_, measured) => {
    expect(isFlatIn(...measured)).toBe(false)
  })
})

describe('the fuzzer', () => {
  it('sends the same requests with the same seed', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => makeRequest(chanceOf(seed, 7)).bytes.toString('latin1'))

    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it.each(FUZZ_MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    'has a mutation that fits the source: %s',
    (_, mutation) => {
      const files = mutate(join(import.meta.dirname, '../..'), mutation)

      expect(files.size).toBeGreaterThan(0)
    },
  )

  it('finds nothing wrong with a relay on Node in 600 malformed requests', async () => {
    const { sent, faults, replies, people } = await fuzz({
      platform: 'node',
      seed: 20_261_130,
      requests: 600,
      hangMs: 15_000,
      maxMs: 20_000,
    })

    expect([...faults]).toEqual([])
    expect(sent).toBeGreaterThan(50)
    expect(Object.keys(replies).length).toBeGreaterThan(5)
    expect(people).toBeGreaterThan(1)
  }, 120_000)
})
