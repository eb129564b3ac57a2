/** A relay on Node refuses a request target with a user, however its body is framed. */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { serve } from '../../../../relay/runtime/node/serve.ts'
import { makeFolder } from '../../../support/folder.ts'
import { FORMS } from '../../../support/relay.ts'

it.each(['http://u:p@www.acme.example/f/contact', 'http://u@www.acme.example/f/contact'])(
  'a request target that names a user is refused: %s',
  async (target) => {
    const folder = makeFolder()
    writeFileSync(join(folder, 'forms.json'), JSON.stringify(FORMS))
    const events: LogEvent[] = []
    const relay = await serve({
      env: {
        // No Marketo listens here.
        MARKETO_SOAP_ENDPOINT: 'http://127.0.0.1:1/soap/mktows/3_1',
        MARKETO_USER_ID: 'acme_1',
        MARKETO_SECRET_KEY: 'correct horse battery',
      },
      forms: join(folder, 'forms.json'),
      data: folder,
      port: 0,
      host: '127.0.0.1',
      log: (event) => events.push(event),
    })
    onTestFinished(() => relay.close())
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1')
    socket.write(
      `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
        'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
    )

    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
    expect(events.filter(({ event }) => event === 'error')).toEqual([])
  },
)
