/** Reads a request's body as text, up to a maximum size. Knows nothing of its content. */

/**
 * Reads the body as UTF-8; invalid bytes become U+FFFD.
 *
 * @returns the text, or the response to send when the body is encoded or longer than `maxBytes`
 */
export async function readBody(request: Request, maxBytes: number): Promise<string | Response> {
  return (await read(request, maxBytes, new TextDecoder())) ?? ''
}

/** Does the same as `readBody`, but returns undefined when the body is not valid UTF-8. */
export function readUtf8Body(request: Request, maxBytes: number): Promise<string | undefined | Response> {
  return read(request, maxBytes, new TextDecoder('utf-8', { fatal: true }))
}

/** The error responses close the connection, because the rest of the body may still be arriving. */
async function read(request: Request, maxBytes: number, decoder: TextDecoder): Promise<string | undefined | Response> {
  const encoding = request.headers.get('Content-Encoding') ?? ''
  if (encoding !== '' && encoding.toLowerCase() !== 'identity')
    return reject(415, 'Content-Encoding is not supported. Send the body without it.')
  const reader = request.body?.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength
    if (size > maxBytes) return reject(413, `The body is larger than ${maxBytes} bytes.`)
    parts.push(part.value)
  }
  try {
    return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
  } catch {
    // The decoder's error has no further detail.
    return undefined
  }
}

function reject(status: number, message: string): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  })
}
