/** Compresses answers as Marketo does: those that are longer than 1,024 bytes, for callers that accept gzip. */
import type { Reply } from '../serve-call.ts'

const MIN_BYTES = 1_024

export function mayCompress({ body }: Reply, acceptEncoding: string | undefined): boolean {
  return /\bgzip\b/i.test(acceptEncoding ?? '') && new TextEncoder().encode(body).length > MIN_BYTES
}

export async function gzip(reply: Reply): Promise<Reply> {
  const compressed = new Blob([reply.body]).stream().pipeThrough(new CompressionStream('gzip'))
  const bytes = new Uint8Array(await new Response(compressed).arrayBuffer())
  return { ...reply, bytes, headers: { ...reply.headers, 'Content-Encoding': 'gzip' } }
}
