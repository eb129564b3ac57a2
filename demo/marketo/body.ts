/** How much of a request's body is read at the most. */

/**
 * The body as text, read as UTF-8, or what to answer when it is longer than `most` bytes. That answer closes the
 * connection: the rest of the body is still on its way.
 */
export async function readBody(request: Request, most: number): Promise<string | Response> {
  const decoder = new TextDecoder()
  const reader = request.body?.getReader()
  let text = ''
  let size = 0
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.byteLength
    if (size > most) return tooLarge(most)
    text += decoder.decode(part.value, { stream: true })
  }
  return text + decoder.decode()
}

function tooLarge(most: number): Response {
  return new Response(`The body is larger than ${most} bytes.\n`, {
    status: 413,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  })
}
