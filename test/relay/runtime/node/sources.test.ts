/** A relay on Node stores which leads came from one source, and neither the address nor a trace of it in the log. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { serve } from '../../../../relay/runtime/node/serve.ts'
import { makeFolder } from '../../../support/folder.ts'
import { ACME, FORMS } from '../../../support/relay.ts'
import { openFile } from '../../outbox/sqlite/open-file.ts'

/** Posts a form with each of these values of X-Forwarded-For. Returns the sources of the leads, and the log. */
async function sourcesOf(proxies: string, ...forwardedFor: string[]) {
  const folder = makeFolder()
  writeFileSync(join(folder, 'forms.json'), JSON.stringify(FORMS))
  const events: LogEvent[] = []
  const relay = await serve({
    env: {
      // No Marketo listens here: the leads wait.
      MARKETO_SOAP_ENDPOINT: 'http://127.0.0.1:1/soap/mktows/3_1',
      MARKETO_USER_ID: 'acme_1',
      MARKETO_SECRET_KEY: 'correct horse battery',
      FORM_SYNC_TRUSTED_PROXIES: proxies,
    },
    forms: join(folder, 'forms.json'),
    data: folder,
    port: 0,
    host: '127.0.0.1',
    log: (event) => events.push(event),
  })
  onTestFinished(() => relay.close())
  for (const [at, value] of forwardedFor.entries()) {
    const { status } = await fetch(`${relay.url.replace('localhost', '127.0.0.1')}/f/contact`, {
      method: 'POST',
      headers: { origin: ACME, accept: 'application/json', 'x-forwarded-for': value },
      body: new URLSearchParams({ Email: `lead-${at}@acme.example` }),
    })
    expect(status).toBe(202)
  }
  const rows = openFile(join(folder, 'outbox.sqlite')).run<{ source: string | null; row: string }>(
    `SELECT source, concat_ws(' ', lead, notes, history, reason) AS row FROM job ORDER BY seq`,
  )
  return { sources: rows.map(({ source }) => source), stored: rows.map(({ row }) => row).join('\n'), events }
}

it('leads that came through a trusted proxy have the source of the visitor, as a digest alone', async () => {
  const { sources, stored, events } = await sourcesOf('1', '192.0.2.1', '203.0.113.7, 192.0.2.1', '192.0.2.2')
  const [first, second, third] = sources

  expect(first).toMatch(/^[\w-]{22}$/)
  expect([second === first, third === first]).toStrictEqual([true, false])
  expect(stored).not.toMatch(/192\.0\.2|203\.0|127\.0\.0\.1(?!:1\b)/)
  const log = JSON.stringify(events)
  expect(events.map(({ event }) => event)).toContain('accepted')
  expect(['192.0.2', '203.0', ...sources].filter((text) => log.includes(text!))).toStrictEqual([])
})

it('without a trusted proxy all leads of a connection’s peer have one source, whatever they say', async () => {
  const { sources } = await sourcesOf('0', '192.0.2.1', '192.0.2.2')

  expect(sources[0]).toMatch(/^[\w-]{22}$/)
  expect(sources[1]).toBe(sources[0])
})
