/** A response's body as text, read no further than a reply can be long. */

export type Body = { kind: 'text'; text: string } | { kind: 'unusable'; cause: string }

/** A syncLead reply has a thousand bytes; one with a whole record some ten thousand. */
const MAX_BYTES = 2 ** 20

/** Never rejects. A body that is too long is given up when it has become so, whatever length it was to have. */
export async function readBody({ body }: Response): Promise<Body> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    // Leaving the loop early cancels the stream.
    for await (const chunk of body ?? []) {
      length += chunk.byteLength
      if (length > MAX_BYTES) return { kind: 'unusable', cause: `longer than ${MAX_BYTES} bytes` }
      chunks.push(chunk)
    }
  } catch {
    return { kind: 'unusable', cause: 'the reply broke off' }
  }
  return decode(join(chunks, length))
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

/** UTF-8 is what Marketo writes; a byte-order mark is dropped. */
function decode(bytes: Uint8Array): Body {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes) }
  } catch {
    return { kind: 'unusable', cause: 'not UTF-8' }
  }
}
