/** How a request's body is read, and how much of it at the most. */

/** Read as UTF-8, whatever it is; a byte that is none becomes a question mark in a diamond. See `readExactBody`. */
export async function readBody(request: Request, most: number): Promise<string | Response> {
  return (await read(request, most, new TextDecoder())) ?? ''
}

/** The body as text; undefined when it is not in UTF-8. */
export function readExactBody(request: Request, most: number): Promise<string | undefined | Response> {
  return read(request, most, new TextDecoder('utf-8', { fatal: true }))
}

/**
 * The body, or what to answer when it is packed or longer than `most` bytes. That answer closes the connection: the rest of the
 * body is still on its way.
 */
async function read(request: Request, most: number, decoder: TextDecoder): Promise<string | undefined | Response> {
  const encoding = request.headers.get('Content-Encoding') ?? ''
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') return packed()
  const reader = request.body?.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength
    if (size > most) return tooLarge(most)
    parts.push(part.value)
  }
  try {
    return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
  } catch {
    // The decoder says no more than that it could not.
    return undefined
  }
}

function packed(): Response {
  return refuse(415, 'The body has a Content-Encoding, and none is understood here. Send it as it is.')
}

function tooLarge(most: number): Response {
  return refuse(413, `The body is larger than ${most} bytes.`)
}

function refuse(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  })
}
