/** Reads a response's body as UTF-8 text, up to a maximum size. Knows nothing of SOAP or XML. */

export type ResponseBody = { kind: 'text'; text: string } | { kind: 'unusable'; cause: string }

/**
 * Reads a body to its end. Never rejects. Cancels a body once it exceeds `maxBytes`; `Content-Length` is ignored.
 *
 * @param maxBytes - maximum size after decompression, in bytes
 */
export async function readBody({ body }: Response, maxBytes: number): Promise<ResponseBody> {
  if (!body) return { kind: 'text', text: '' }
  const chunks: Uint8Array[] = []
  let length = 0
  // A reader, because not every runtime can iterate over a stream.
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength
      if (length > maxBytes) {
        cancelStream(reader)
        return { kind: 'unusable', cause: `longer than ${maxBytes} bytes` }
      }
      chunks.push(next.value)
    }
  } catch {
    return { kind: 'unusable', cause: 'the reply broke off' }
  }
  return decode(concat(chunks, length))
}

/** Cancels a stream that will not be read any further. Does not wait for the result and ignores a failure. */
export function cancelStream(stream: { cancel(): Promise<void> } | null): void {
  stream?.cancel().catch(() => {})
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks
  if (only && chunks.length === 1) return only
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** Decodes UTF-8, which is what Marketo sends, and drops a byte-order mark. */
function decode(bytes: Uint8Array): ResponseBody {
  try {
    return { kind: 'text', text: utf8.decode(bytes) }
  } catch {
    return { kind: 'unusable', cause: 'not UTF-8' }
  }
}
