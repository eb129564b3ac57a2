/** The bounds of waiting leads in the Worker: those of all leads, of a form and of a network, whichever isolate has taken them. */
import { env } from 'cloudflare:workers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readConfig } from '../../relay/config/config.ts'
import { createBounds } from '../../relay/runtime/cloudflare/bound-leads.ts'
import { askObjects, stubsOf } from '../../relay/runtime/cloudflare/objects.ts'
import worker from '../../relay/runtime/cloudflare/worker.ts'
import { lead } from '../suites/outbox/leads.ts'
import { OPERATOR } from '../support/operator.ts'
import { ACME } from '../support/relay.ts'

const FORM = { origins: [ACME], fields: { Email: { type: 'email', required: true } } }

/** Only the Worker has a Marketo account. The objects store leads and deliver none. */
const VARIABLES = {
  OUTBOX: env.OUTBOX,
  FORM_SYNC_FORMS: { forms: { contact: FORM, small: { ...FORM, maxWaiting: 2 }, wrong: FORM } },
  FORM_SYNC_SHARDS: '2',
  FORM_SYNC_MAX_WAITING: '8',
  FORM_SYNC_MAX_WAITING_PER_SOURCE: '3',
  MARKETO_SOAP_ENDPOINT: 'https://marketo.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acme_1',
  MARKETO_SECRET_KEY: 'correct horse battery',
  ...OPERATOR,
}

function ask(path: string, init: RequestInit<IncomingRequestCfProperties>) {
  const url = `https://relay.example${path}`
  return Promise.resolve(worker.fetch(new Request<unknown, IncomingRequestCfProperties>(url, init), VARIABLES))
}

let posts = 0

/** Posts a form from a network. Resolves with the status, and the value of `Retry-After`. */
async function post(form: string, network: string): Promise<string> {
  const headers = { origin: ACME, accept: 'application/json', 'cf-connecting-ip': network }
  const body = new URLSearchParams({ Email: `visitor-${(posts += 1)}@acme.example` })
  const { status, headers: got } = await ask(`/f/${form}`, { method: 'POST', headers, body })
  return [status, got.get('retry-after')].filter((each) => each !== null).join(' ')
}

async function postFrom(form: string, networks: readonly string[]): Promise<string[]> {
  const answers: string[] = []
  for (const network of networks) answers.push(await post(form, network))
  return answers
}

const network = (n: number) => `203.0.113.${n}`

/** Replaces the clock by one that goes on by the returned function, too. */
function settableClock(): (ms: number) => void {
  const real = Date.now
  let ahead = 0
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => real() + ahead)
  onTestFinished(() => spy.mockRestore())
  return (ms) => void (ahead += ms)
}

/** Creates the bounds of another isolate, which has taken no lead, on the same objects. */
function otherIsolate() {
  const config = readConfig({ ...VARIABLES }, VARIABLES.FORM_SYNC_FORMS)
  return createBounds(config, askObjects(env.OUTBOX, 2), () => stubsOf(env.OUTBOX, 2, 'default'))
}

it('the leads of a form, of a network and of all forms are bounded, also where another isolate goes on', async () => {
  const moveClock = settableClock()
  const ofForm = await postFrom('small', [1, 2, 3].map(network))
  const ofNetwork = await postFrom('contact', [9, 9, 9, 9].map(network))
  // What an isolate has taken it reports with its next reading.
  moveClock(1_000)
  await postFrom('contact', [network(4)])

  const other = otherIsolate()
  const again = [
    await other.reserve(lead('a', { form: 'small', network: network(5) })),
    await other.reserve(lead('b', { network: network(9) })),
    await other.reserve(lead('c', { network: network(5) })),
  ]

  expect(ofForm).toEqual(['202', '202', '503 60'])
  expect(ofNetwork).toEqual(['202', '202', '202', '429 300'])
  expect(again).toMatchObject([
    { ok: false, code: 'unavailable', retryAfterS: 60 },
    { ok: false, code: 'rate', retryAfterS: 300 },
    { ok: true, isStored: false },
  ])
  const object = env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))
  // The other isolate has told at once, and no post came to it since.
  await vi.waitFor(async () => expect((await object.checkState()).issues).toMatchObject([{ kind: 'full', count: 2 }]))

  const all: string[] = []
  for (const n of [5, 6, 7, 8]) {
    moveClock(1_000)
    all.push(await post('contact', network(n)))
  }
  const authorization = `Bearer ${OPERATOR.FORM_SYNC_CONSOLE_TOKEN}`
  const { issues } = await (await ask('/readyz', { headers: { authorization } })).json<{ issues: object[] }>()

  // Six leads wait. One that is stored during a reading may count twice until the next one.
  expect(all.filter((answer) => answer === '202').length).toBeLessThanOrEqual(2)
  expect(all.at(-1)).toBe('503 60')
  expect(issues).toContainEqual({
    kind: 'full',
    count: 8,
    reason: expect.stringContaining('as many as FORM_SYNC_MAX_WAITING allows') as string,
  })
})

it('a page all of whose posts are refused is an issue of the first object, so that no isolate has to remember it', async () => {
  const post = (origin: string, fields: Record<string, string>) =>
    ask('/f/wrong', {
      method: 'POST',
      headers: { origin, accept: 'application/json' },
      body: new URLSearchParams({ Email: `visitor-${(posts += 1)}@acme.example`, ...fields }),
    })
  for (let n = 0; n < 12; n += 1) await post('https://acme.example', {})
  for (let n = 0; n < 12; n += 1) await post(ACME, { Email: 'no address' })

  const authorization = `Bearer ${OPERATOR.FORM_SYNC_CONSOLE_TOKEN}`
  const { issues } = await (await ask('/readyz', { headers: { authorization } })).json<{ issues: object[] }>()
  const first = env.OUTBOX.get(env.OUTBOX.idFromName('outbox'))
  const known = (await first.checkState()).issues

  expect(known).toContainEqual(expect.objectContaining({ kind: 'turned-away', count: 12 }))
  expect(issues.filter((issue) => (issue as { kind: string }).kind === 'turned-away')).toHaveLength(1)
})
