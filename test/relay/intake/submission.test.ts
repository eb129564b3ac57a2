import { describe, expect, it } from 'vitest'
import { readBody } from '../../../relay/intake/submission.ts'

const FORM = 'application/x-www-form-urlencoded'
const TYPES = [FORM, 'multipart/form-data; boundary=b', 'application/json']
const LIMIT = 64 * 1024

/** A request as a server hands it over, whose body says whether it was asked for. */
function requestOf(type: string, body: Uint8Array<ArrayBuffer>, length: number | undefined) {
  let asked = false
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        asked = true
        controller.enqueue(body)
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const request = new Request('https://relay.example/f/contact', {
    method: 'POST',
    body: stream,
    headers: { 'content-type': type, ...(length !== undefined && { 'content-length': String(length) }) },
    duplex: 'half',
  } as RequestInit)
  return { request, asked: () => asked }
}

describe('a body', () => {
  it.each(TYPES)('that says it is too large is not read: %s', async (type) => {
    const { request, asked } = requestOf(type, new Uint8Array(LIMIT + 1), LIMIT + 1)

    const read = await readBody(request)

    expect(read).toMatchObject({ ok: false, refusal: { code: 'too-large' } })
    expect(asked()).toBe(false)
  })

  it.each([
    ['says how long it is', LIMIT],
    ['does not say', undefined],
  ])('of exactly the limit is read, where it %s', async (_what, length) => {
    const text = 'a='.padEnd(LIMIT, 'x')
    const { request } = requestOf(FORM, new TextEncoder().encode(text), length)

    const read = await readBody(request)

    expect(read).toMatchObject({ ok: true, value: { fields: new Map([['a', [text.slice(2)]]]) } })
  })

  it.each([
    ['says how long it is', 3],
    ['does not say', undefined],
  ])('that is no UTF-8 is refused, where it %s', async (_what, length) => {
    const { request } = requestOf(FORM, Uint8Array.of(0x61, 0x3d, 0xff), length)

    expect(await readBody(request)).toMatchObject({ ok: false, refusal: { code: 'unreadable' } })
  })
})
