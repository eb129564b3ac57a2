/** Reads the JSON object that a server or an operator has sent, or replies why it cannot be read. It knows no fields. */
import { COMPRESSED, isCompressed, readBytes } from '../intake/read-body.ts'
import { problem } from './responses.ts'

export type JsonBody = { ok: true; body: Record<string, unknown> } | { ok: false; reply: Response }

/**
 * Reads the body of a request.
 *
 * @param maxBytes maximum size, in bytes
 * @param example a body that can be read, for the reply
 */
export async function readJsonBody(request: Request, maxBytes: number, example: string): Promise<JsonBody> {
  const { headers } = request
  if (!/^application\/json\b/i.test(headers.get('content-type') ?? '')) {
    return refuse(problem('type', 'The Content-Type must be application/json.', {}))
  }
  if (isCompressed(headers)) return refuse(problem('type', COMPRESSED, {}))
  const bytes = await readBytes(request, maxBytes)
  if (!bytes) return refuse(problem('too-large', `The body must not be larger than ${maxBytes / 1024} KB.`, {}))
  const body = parseObject(bytes)
  return body
    ? { ok: true, body }
    : refuse(problem('unreadable', `The body must be a JSON object such as ${example}.`, {}))
}

function refuse(reply: Response): JsonBody {
  return { ok: false, reply }
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
