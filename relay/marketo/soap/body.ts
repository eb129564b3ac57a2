/** A response's body as text, read no further than a reply can be long. */

export type Body = { kind: 'text'; text: string } | { kind: 'unusable'; cause: string }

/** Never rejects. A body that is too long is given up when it has become so, whatever length it was to have. */
export async function readBody({ body }: Response, maxBytes: number): Promise<Body> {
  if (!body) return { kind: 'text', text: '' }
  const chunks: Uint8Array[] = []
  let length = 0
  // By its reader: not every runtime can iterate over a stream.
  const reader = body.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength
      if (length > maxBytes) {
        drop(reader)
        return { kind: 'unusable', cause: `longer than ${maxBytes} bytes` }
      }
      chunks.push(next.value)
    }
  } catch {
    return { kind: 'unusable', cause: 'the reply broke off' }
  }
  return decode(join(chunks, length))
}

/** Tells the other side that nobody reads on. Nobody waits for that either, or asks whether it worked. */
export function drop(stream: { cancel(): Promise<void> } | null): void {
  stream?.cancel().catch(() => {})
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks
  if (only && chunks.length === 1) return only
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** UTF-8 is what Marketo writes; a byte-order mark is dropped. */
function decode(bytes: Uint8Array): Body {
  try {
    return { kind: 'text', text: utf8.decode(bytes) }
  } catch {
    return { kind: 'unusable', cause: 'not UTF-8' }
  }
}
