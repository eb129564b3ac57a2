/** Reads an HTTP request of the REST API into its parts, and the text that is recorded of it. Decides nothing. */
import { readUtf8Body } from '../request-body.ts'

export interface RestRequest {
  method: string
  /** Path as it was sent, with percent-encoding and double slashes. */
  path: string
  /** Decoded once. */
  query: URLSearchParams
  /** Length of path and query in bytes. */
  addressBytes: number
  /** In lower case, without parameters. Empty if there is none. */
  contentType: string
  /** The token after `Bearer`. Undefined if there is no such header. */
  token: string | undefined
  /** Undefined if it is not valid UTF-8. */
  body: string | undefined
}

/** Adobe's limit for a request with a body: 1 MB. */
const MAX_BODY_BYTES = 1024 * 1024

/** Reads a request. `body` is the response to send if the body cannot be read. */
export async function readRequest(
  request: Request,
): Promise<Omit<RestRequest, 'body'> & { body: RestRequest['body'] | Response }> {
  const { pathname, search, searchParams } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    addressBytes: pathname.length + search.length,
    contentType: (request.headers.get('Content-Type') ?? '').split(';')[0]!.trim().toLowerCase(),
    token: /^Bearer +(\S+) *$/i.exec(request.headers.get('Authorization') ?? '')?.[1],
    body: await readUtf8Body(request, MAX_BODY_BYTES),
  }
}

/** Writes the request as it is recorded: method and address, content type, an empty line, the body. */
export function recordedRequest(request: Request, body: string): string {
  const { pathname, search } = new URL(request.url)
  const type = request.headers.get('Content-Type')
  return `${request.method} ${pathname}${search}\n${type === null ? '' : `Content-Type: ${type}\n`}\n${body}`
}
