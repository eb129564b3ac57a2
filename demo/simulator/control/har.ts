/**
 * Writes recorded calls as an HTTP archive (HAR 1.2), which browsers, proxies and test tools read. Adds nothing to what is
 * recorded: signatures, secrets and tokens are masked, and headers other than the content type are not kept.
 */
import type { CallDetail, CallLine } from '../view.ts'

const NO_SIZES = { headersSize: -1, cookies: [] } as const

/** @param origin address of the simulator, without a trailing slash */
export function harOf(calls: readonly (CallLine & CallDetail)[], origin: string): object {
  return {
    log: {
      version: '1.2',
      creator: { name: 'form-sync simulator', version: '1' },
      entries: calls.map(entryOf(origin)),
    },
  }
}

function entryOf(origin: string) {
  return ({ at, ms, api, operation, request, response, status }: CallLine & CallDetail): object => {
    const { method, path, type, body } = api === 'soap' ? soapRequest(request) : restRequest(request)
    const url = new URL(path, origin)
    const responseType = api === 'soap' ? 'text/xml' : 'application/json'
    return {
      startedDateTime: at,
      time: ms,
      comment: operation,
      request: {
        method,
        url: url.href,
        httpVersion: 'HTTP/1.1',
        headers: type === '' ? [] : [{ name: 'Content-Type', value: type }],
        queryString: Array.from(url.searchParams, ([name, value]) => ({ name, value })),
        ...(body !== '' && { postData: { mimeType: type, text: body } }),
        bodySize: sizeOf(body),
        ...NO_SIZES,
      },
      response: {
        // As HAR has it: no answer came.
        status: status ?? 0,
        statusText: '',
        httpVersion: 'HTTP/1.1',
        headers: [{ name: 'Content-Type', value: responseType }],
        content: { size: sizeOf(response), mimeType: responseType, text: response },
        redirectURL: '',
        bodySize: sizeOf(response),
        ...NO_SIZES,
      },
      cache: {},
      timings: { send: 0, wait: ms, receive: 0 },
    }
  }
}

interface Sent {
  method: string
  path: string
  /** Content type. Empty if there is none. */
  type: string
  body: string
}

/** A SOAP message is recorded without its address. Any version in the address means the same. */
function soapRequest(body: string): Sent {
  return { method: 'POST', path: '/soap/mktows/3_1', type: 'text/xml', body }
}

/** Reads what `recordedRequest` of the REST API wrote. */
function restRequest(text: string): Sent {
  const [, method = 'GET', path = '/', type = '', body = ''] =
    /^(\S+) (.*)\n(?:Content-Type: (.*)\n)?\n([^]*)$/.exec(text) ?? []
  return { method, path, type, body }
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length
}
