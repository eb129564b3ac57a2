/**
 * Limits the memory of request bodies that are being received. A body counts with its announced size, or with that of the
 * largest one, until the request is replied to: senders that stop in the middle cannot fill the memory.
 */
import { problem } from '../../http/responses.ts'

type Handler = (request: Request, env?: unknown) => Response | Promise<Response>

export interface BodyLimit {
  /** Maximum size of all bodies in flight, in bytes. */
  maxBytes: number
  /** Size up to which a body is not counted, in bytes: the number of connections limits those. */
  uncountedBytes: number
}

const BODY_LIMIT: BodyLimit = { maxBytes: 64 * 1024 ** 2, uncountedBytes: 16 * 1024 }

/** Size of the largest body that any route reads, in bytes. */
const LARGEST_BODY_BYTES = 1024 ** 2

/**
 * Returns a handler that refuses a large body with 503 while there is no room for it. Other requests are handled at once, so
 * that slow senders of large bodies keep no ordinary form out.
 *
 * @param onRefused called for each request that is refused
 */
export function limitBodies(
  handle: Handler,
  onRefused: () => void,
  { maxBytes, uncountedBytes }: BodyLimit = BODY_LIMIT,
): Handler {
  let inFlight = 0

  async function counted(size: number, request: Request, env: unknown): Promise<Response> {
    inFlight += size
    try {
      return await handle(request, env)
    } finally {
      inFlight -= size
    }
  }

  return (request, env) => {
    const size = sizeOf(request)
    if (size <= uncountedBytes) return handle(request, env)
    if (inFlight + size <= maxBytes) return counted(size, request, env)
    onRefused()
    return problem('unavailable', 'Too many large requests are under way. Please send it again in a few seconds.', {})
  }
}

/** Returns the size of a body, as far as it is read; that of the largest one where it is not announced. */
function sizeOf({ method, headers }: Request): number {
  if (method === 'GET' || method === 'HEAD') return 0
  const length = headers.get('content-length')
  if (length !== null) return Math.min(Number(length), LARGEST_BODY_BYTES)
  return headers.get('transfer-encoding') === null ? 0 : LARGEST_BODY_BYTES
}
