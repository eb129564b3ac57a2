/** Reads the JSON object that a server or an operator has sent, or replies why it cannot be read. It knows no fields. */
import { ABORTED, COMPRESSED, isCompressed, readBytes } from '../intake/read-body.ts'
import { problem } from './responses.ts'

/**
 * Reads the body of a request. Resolves with the reply where it cannot be read.
 *
 * @param maxBytes maximum size, in bytes
 * @param example a body that can be read, for the reply
 */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
  example: string,
): Promise<Record<string, unknown> | Response> {
  const { headers } = request
  if (!/^application\/json\b/i.test(headers.get('content-type') ?? '')) {
    return problem('type', 'The Content-Type must be application/json.', {})
  }
  if (isCompressed(headers)) return problem('type', COMPRESSED, {})
  const bytes = await readBytes(request, maxBytes).catch(() => 'aborted' as const)
  if (bytes === 'aborted') return problem('unreadable', ABORTED, {})
  if (!bytes) return problem('too-large', `The body must not be larger than ${maxBytes / 1024} KB.`, {})
  return parseObject(bytes) ?? problem('unreadable', `The body must be a JSON object such as ${example}.`, {})
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
