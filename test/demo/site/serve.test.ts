import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { serveSite } from '../../../demo/site/serve.ts'

const AROUND = { relay: 'http://localhost:8787', journeys: 'http://localhost:8090', munchkinId: '123-ABC-456' }

it('listens on a free port of this machine, under the name that shares its cookies', async () => {
  const site = await serveSite({ ...AROUND, port: 0 })

  const { status } = await fetch(site.url)
  await site.close()

  expect(site.url).toMatch(/^http:\/\/localhost:[1-9]\d*$/)
  expect(status).toBe(200)
})

it('closes, though a visitor is in the middle of a request', async () => {
  const site = await serveSite({ ...AROUND, port: 0 })
  const visitor = connect(Number(new URL(site.url).port), '127.0.0.1')
  await once(visitor, 'connect')
  visitor.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  await (await fetch(site.url)).text()

  await Promise.all([site.close(), once(visitor, 'close')])

  await expect(fetch(site.url)).rejects.toThrow('fetch failed')
})

it('says at once that a port is taken', async () => {
  const site = await serveSite({ ...AROUND, port: 0 })
  const port = Number(new URL(site.url).port)

  const second = serveSite({ ...AROUND, port })

  await expect(second).rejects.toThrow('EADDRINUSE')
  await site.close()
})
