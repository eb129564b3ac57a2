/** The function for AWS Lambda in docs/examples, with events as an HTTP API sends them and a PostgreSQL database. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import { DEMO_ACCOUNT, serveSimulator } from '../../demo/simulator/serve.ts'
import type { PersonView } from '../../demo/simulator/view.ts'
import { withPostgres } from '../support/postgres.ts'
import { withParent } from '../support/with-parent.ts'

const ROOT = join(import.meta.dirname, '../..')
const ORIGIN = 'https://www.acme.example'

/** An event of an HTTP API, payload format 2.0: the body in base64, header names in lower case, cookies apart. */
function httpEvent(rawPath: string, fields?: Record<string, string>) {
  const body = fields && Buffer.from(new URLSearchParams(fields).toString()).toString('base64')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    cookies: ['_mkto_trk=id:123-ABC-456&token:_mch-x', 'other=1'],
    headers: {
      accept: 'application/json',
      origin: ORIGIN,
      host: 'forms.acme.example',
      ...(body && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    requestContext: {
      domainName: 'forms.acme.example',
      http: { method: body ? 'POST' : 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7' },
      stage: '$default',
    },
    ...(body && { body }),
    isBase64Encoded: body !== undefined,
  }
}

/** The event of a schedule of EventBridge. */
const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [] }

interface Reply {
  statusCode: number
  headers: Record<string, string>
  body: string
  isBase64Encoded: boolean
}

/** Starts the function as Lambda does for a first call. Its environment is that of an account of the simulator. */
async function coldStart(marketo: string, database: string) {
  const program = [join(import.meta.dirname, 'lambda/invoke.ts'), join(ROOT, 'docs/examples/lambda.js')]
  const child = spawn(...withParent(process.execPath, program), {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      MARKETO_SOAP_ENDPOINT: `${marketo}/soap/mktows/3_1`,
      MARKETO_USER_ID: DEMO_ACCOUNT.userId,
      MARKETO_SECRET_KEY: DEMO_ACCOUNT.secretKey,
      FORM_SYNC_DATABASE: database,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed: string[] = []
  const results = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    printed,
    async call<T = Reply>(event: object): Promise<T> {
      child.stdin.write(`${JSON.stringify(event)}\n`)
      for (;;) {
        const { value, done } = await results.next()
        if (done) throw new Error(`the function ended:\n${printed.join('\n')}`)
        if (value.startsWith('result ')) return JSON.parse(value.slice('result '.length)) as T
        printed.push(value)
      }
    },
    async end() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function jsonOf({ body }: Reply): unknown {
  return JSON.parse(Buffer.from(body, 'base64').toString())
}

withPostgres({}, (server) => {
  it('a function stores what an HTTP API passes on, and a scheduled call of another one delivers it', async () => {
    const simulator = await serveSimulator({ port: 0 })
    onTestFinished(() => simulator.close())
    const database = await server.schema()
    const people = async () => (await (await fetch(`${simulator.url}/sim/leads`)).json()) as PersonView[]
    const first = await coldStart(simulator.url, database)

    const ready = await first.call(httpEvent('/readyz'))
    const fields = { Email: 'ana@acme.example', FirstName: 'Ana', LastName: 'Ruíz', Company: 'Acme', _id: ID }
    const accepted = await first.call(httpEvent('/f/contact', fields))
    const again = await first.call(httpEvent('/f/contact', fields))
    const refused = await first.call(httpEvent('/f/contact', { Email: 'no address' }))
    const before = await people()
    await first.end()
    const second = await coldStart(simulator.url, database)
    const done = await second.call<null>(SCHEDULED)

    expect([ready, accepted, again, refused].map(({ statusCode }) => statusCode)).toEqual([200, 202, 202, 422])
    expect(accepted.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN })
    expect(jsonOf(accepted)).toMatchObject({ id: ID })
    expect(before).toEqual([])
    expect(done).toBeNull()
    expect(await people()).toMatchObject([{ email: 'ana@acme.example', attributes: { LastName: 'Ruíz' } }])
    expect([...first.printed, ...second.printed].filter((line) => /ana@|Ru/.test(line))).toEqual([])
    await second.end()
  })
})

const ID = '0190a8c2-7c1d-4c3e-9f5e-0123456789ab'
