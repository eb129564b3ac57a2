/**
 * A request's body up to a limit, as bytes or as text. It reads no further than it must.
 *
 * A body with a length is read in one go: the server cuts it from the connection by that length, so that none is longer
 * than it says. As a stream it would cost several times as much as all that is done with it.
 */

/** The whole body, or undefined as soon as it is known to be too large. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const length = request.headers.get('content-length')
  if (length === null) return readStream(request, limit)
  if (Number(length) > limit) return undefined
  const bytes = new Uint8Array(await request.arrayBuffer())
  return bytes.byteLength > limit ? undefined : bytes
}

/** The same as UTF-8, with U+FFFD for what is none. */
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
