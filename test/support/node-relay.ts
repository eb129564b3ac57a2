/** A relay on Node in this process, whose Marketo does not answer: the leads wait. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LogEvent } from '../../relay/monitoring/events.ts'
import type { Row } from '../../relay/outbox/sqlite/database.ts'
import { openSqlite } from '../../relay/runtime/node/sqlite-file.ts'
import { serve, type ServeOptions } from '../../relay/runtime/node/serve.ts'
import { makeFolder } from './folder.ts'
import { ACME, FORMS } from './relay.ts'
import { askState, OPERATOR } from './operator.ts'

interface NodeRelay {
  url: string
  port: number
  events: LogEvent[]
  close: () => Promise<void>
  /** Reads rows of the outbox's file. */
  rows: <R extends Row>(statement: string) => R[]
  /** Posts a form as the widget does. */
  post: (fields: Record<string, string>, headers?: Record<string, string>, form?: string) => Promise<Response>
  /** Returns the reasons of the issues of a kind in `/readyz`. */
  issues: (kind: string) => Promise<string[]>
}

/** Starts a relay that closes when the test has finished. */
export async function startNodeRelay({
  env = {},
  forms = FORMS,
  folder = makeFolder(),
  ...options
}: { env?: Record<string, string>; forms?: object; folder?: string } & Pick<
  ServeOptions,
  'serverLimits' | 'bodyLimit'
> = {}): Promise<NodeRelay> {
  writeFileSync(join(folder, 'forms.json'), JSON.stringify(forms))
  const events: LogEvent[] = []
  const relay = await serve({
    env: {
      // No Marketo listens here.
      MARKETO_SOAP_ENDPOINT: 'http://127.0.0.1:1/soap/mktows/3_1',
      MARKETO_USER_ID: 'acme_1',
      MARKETO_SECRET_KEY: 'correct horse battery',
      ...OPERATOR,
      ...env,
    },
    forms: join(folder, 'forms.json'),
    data: folder,
    port: 0,
    host: '127.0.0.1',
    log: (event) => events.push(event),
    checks: false,
    ...options,
  })
  let closing: Promise<void> | undefined
  const close = () => (closing ??= relay.close())
  onTestFinished(close)
  const { port } = new URL(relay.url)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port: Number(port),
    events,
    close,
    rows: (statement) => {
      const sql = openSqlite(join(folder, 'outbox.sqlite'))
      try {
        return sql.run(statement)
      } finally {
        sql.close()
      }
    },
    post: (fields, headers = {}, form = 'contact') =>
      fetch(`${url}/f/${form}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: ACME, accept: 'application/json', ...headers },
      }),
    async issues(kind) {
      const body = (await (await askState(url)).json()) as { issues?: { kind: string; reason: string }[] }
      return (body.issues ?? []).filter((issue) => issue.kind === kind).map(({ reason }) => reason)
    },
  }
}
