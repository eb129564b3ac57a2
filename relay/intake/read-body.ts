/**
 * Reads the body of a request up to a limit, as bytes or as text, and stops reading at the limit.
 *
 * A body with `Content-Length` is read at once: the server delimits it by that length, so that it cannot be longer.
 * Reading it as a stream would cost several times as much as processing it.
 */

/** Returns whether a body is compressed, which no browser does: a small one could become a very large one. */
export function isCompressed(headers: Headers): boolean {
  const encoding = headers.get('content-encoding')
  return encoding !== null && encoding.trim().toLowerCase() !== 'identity'
}

/** Text of the reply to a compressed body. */
export const COMPRESSED = 'The body must not be compressed; send it without Content-Encoding.'

/** Answer to a request whose sender has left. */
export const ABORTED = 'The body of the request did not come to its end.'

/**
 * Reads the body as bytes. Resolves with undefined as soon as it is known to be too large.
 *
 * @param limit maximum size, in bytes
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = request.headers.get('content-length')
  if (length === null) return readStream(request, limit)
  if (Number(length) > limit) return undefined
  const bytes = new Uint8Array(await request.arrayBuffer())
  return bytes.byteLength > limit ? undefined : bytes
}

/**
 * Reads the body as UTF-8 text, with U+FFFD for invalid bytes. Resolves with undefined if it is too large.
 *
 * @param limit maximum size, in bytes
 */
export function readText(request: Request, limit: number): Promise<string | undefined> {
  const length = request.headers.get('content-length')
  if (length === null) return readStream(request, limit).then((bytes) => bytes && new TextDecoder().decode(bytes))
  return Number(length) > limit ? Promise.resolve(undefined) : request.text()
}

async function readStream(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
