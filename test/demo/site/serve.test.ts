import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { serveSite } from '../../../demo/site/serve.ts'

const OPTIONS = { relay: 'http://localhost:8787', journeys: 'http://localhost:8090', munchkinId: '123-ABC-456' }

it('listens on a free local port under the name localhost', async () => {
  const site = await serveSite({ ...OPTIONS, port: 0 })

  const { status } = await fetch(site.url)
  await site.close()

  expect(site.url).toMatch(/^http:\/\/localhost:[1-9]\d*$/)
  expect(status).toBe(200)
})

it('closes during a request of a visitor', async () => {
  const site = await serveSite({ ...OPTIONS, port: 0 })
  const visitor = connect(Number(new URL(site.url).port), '127.0.0.1')
  await once(visitor, 'connect')
  visitor.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  await (await fetch(site.url)).text()

  await Promise.all([site.close(), once(visitor, 'close')])

  await expect(fetch(site.url)).rejects.toThrow('fetch failed')
})

it('rejects if the port is in use', async () => {
  const site = await serveSite({ ...OPTIONS, port: 0 })
  const port = Number(new URL(site.url).port)

  const second = serveSite({ ...OPTIONS, port })

  await expect(second).rejects.toThrow('EADDRINUSE')
  await site.close()
})
