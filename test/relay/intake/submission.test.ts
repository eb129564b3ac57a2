import { describe, expect, it } from 'vitest'
import { readBody } from '../../../relay/intake/submission.ts'

const FORM = 'application/x-www-form-urlencoded'
const TYPES = [FORM, 'multipart/form-data; boundary=b', 'application/json']
/** The largest body, in bytes: 64 K characters of nine bytes each. */
const LIMIT = 9 * 64 * 1024
/** The largest number of characters of all names and values. */
const MAX_CHARACTERS = 64 * 1024

/** Creates a request like a server's, and records whether its body was read. */
function requestOf(type: string, body: Uint8Array<ArrayBuffer>, length: number | undefined) {
  let isRead = false
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        isRead = true
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
  return { request, isRead: () => isRead }
}

describe('the body of a form post', () => {
  it.each(TYPES)('is not read if its Content-Length is too large: %s', async (type) => {
    const { request, isRead } = requestOf(type, new Uint8Array(LIMIT + 1), LIMIT + 1)

    const read = await readBody(request)

    expect(read).toMatchObject({ ok: false, rejection: { code: 'too-large' } })
    expect(isRead()).toBe(false)
  })

  it.each([
    ['with', true],
    ['without', false],
  ])('is read at exactly the limit, %s Content-Length', async (_what, hasLength) => {
    // Each character of three bytes in UTF-8 takes nine.
    const text = '\u20ac'.repeat(MAX_CHARACTERS - 1)
    const body = new TextEncoder().encode(`a=${'%E2%82%AC'.repeat(text.length)}`)
    const { request } = requestOf(FORM, body, hasLength ? body.byteLength : undefined)

    const read = await readBody(request)

    expect(read).toMatchObject({ ok: true, value: { fields: new Map([['a', [text]]]) } })
  })

  it.each([
    ['with', 3],
    ['without', undefined],
  ])('is rejected if it is not UTF-8, %s Content-Length', async (_what, length) => {
    const { request } = requestOf(FORM, Uint8Array.of(0x61, 0x3d, 0xff), length)

    expect(await readBody(request)).toMatchObject({ ok: false, rejection: { code: 'unreadable' } })
  })
})
