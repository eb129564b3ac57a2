/**
 * Builds the relay's replies: JSON for programs, a small page or a redirect for a browser without script.
 *
 * Never reads a request. Text enters HTML through `escapeHtml` alone.
 */
import { escapeHtml } from '../escape-html.ts'
import type { Accepted, FieldProblem, Problem, ProblemCode } from '../protocol.ts'

type HeaderFields = Readonly<Record<string, string>>

const STATUS: Record<ProblemCode, number> = {
  unreadable: 400,
  origin: 403,
  form: 404,
  method: 405,
  'too-large': 413,
  type: 415,
  fields: 422,
  key: 401,
  role: 403,
  rate: 429,
  marketo: 502,
  unavailable: 503,
}

const TITLE: Record<ProblemCode, string> = {
  unreadable: 'The request could not be read',
  origin: 'This page is not allowed to send the form',
  form: 'Not found',
  method: 'Method not allowed',
  'too-large': 'The request is too large',
  type: 'This type of content is not supported',
  fields: 'Some fields are missing or not valid',
  key: 'A valid key is required',
  role: 'The token does not allow this',
  rate: 'Too many requests',
  marketo: 'The call to Marketo failed',
  unavailable: 'The request could not be completed',
}

/** Value of `Retry-After` when a lead could not be stored, in seconds. */
const RETRY_AFTER_S = '5'

/**
 * Returns the `202` reply to a program. `Location` is set if there is a page to go to.
 *
 * @param unknown names of posted fields that the form does not define, for a developer who has asked
 */
export function accepted(id: string, headers: HeaderFields, next?: string, unknown?: string[]): Response {
  const body: Accepted = { ok: true, id, ...(unknown && { unknown }) }
  return new Response(JSON.stringify(body), {
    status: 202,
    headers: { ...headers, ...JSON_HEADERS, ...(next && { location: next }) },
  })
}

/** Returns a problem reply (RFC 9457). */
export function problem(code: ProblemCode, detail: string, headers: HeaderFields, errors?: FieldProblem[]): Response {
  const status = STATUS[code]
  const body: Problem = { type: 'about:blank', title: TITLE[code], status, code, detail, ...(errors && { errors }) }
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...PROBLEM_HEADERS, ...(code === 'unavailable' && { 'retry-after': RETRY_AFTER_S }), ...headers },
  })
}

/**
 * Returns the problem reply to a server whose call to Marketo failed.
 *
 * @param marketo Marketo's error, an extension member of RFC 9457
 * @param retryAfter time until a retry may succeed, in ms
 */
export function marketoProblem(
  status: 502 | 503 | 504,
  detail: string,
  marketo: object,
  retryAfter?: number,
): Response {
  const body = {
    type: 'about:blank',
    title: TITLE.marketo,
    status,
    code: 'marketo' satisfies ProblemCode,
    detail,
    marketo,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      ...PROBLEM_HEADERS,
      ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter / 1_000)) }),
    },
  })
}

/** Returns the page for a browser without script when the lead is stored and the form has no `thanks` URL. */
export function acceptedPage(): Response {
  return page(202, 'Thank you', ['<p>Your form has been sent.</p>'])
}

/** Returns the redirect for a browser without script when the lead is stored. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
}

/**
 * Returns the page for a browser without script when the lead was not stored.
 *
 * @param headers further headers of the reply
 */
export function problemPage(
  code: ProblemCode,
  detail: string,
  headers: HeaderFields = {},
  errors?: FieldProblem[],
): Response {
  const list = errors?.map((error) => `<li>${escapeHtml(error.message)}</li>`).join('')
  return page(
    STATUS[code],
    TITLE[code],
    [
      list ? `<ul>${list}</ul>` : `<p>${escapeHtml(detail)}</p>`,
      code === 'unavailable'
        ? '<p>Reload this page in a few seconds to send the form again.</p>'
        : code === 'fields'
          ? '<p>Go back with your browser to correct them. Your answers are still there.</p>'
          : '',
    ],
    { ...(code === 'unavailable' && { 'retry-after': RETRY_AFTER_S }), ...headers },
  )
}

const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
const JSON_HEADERS = { ...SAFE_HEADERS, 'content-type': 'application/json; charset=utf-8' }
const PROBLEM_HEADERS = { ...SAFE_HEADERS, 'content-type': 'application/problem+json; charset=utf-8' }

const STYLE =
  ':root{color-scheme:light dark}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.0625rem/1.6 system-ui,sans-serif}' +
  'main{box-sizing:border-box;width:min(36rem,100%);padding:2rem 1.5rem}' +
  'h1{margin:0 0 1rem;font-size:1.75rem;line-height:1.25;font-weight:600}ul{padding-left:1.25rem}'

/** The digest of `STYLE` (CSP 3, section 2.3.1): nothing else on a page has an effect. A test compares the two. */
const STYLE_DIGEST = 'sha256-z4KVNViOohxgLauMCBc/88y7/F9WQy/t7vXLuxG9KYs='

const POLICY = `default-src 'none'; style-src '${STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

function page(status: number, title: string, body: string[], headers?: HeaderFields): Response {
  const html =
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">' +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
    `<body><main><h1>${escapeHtml(title)}</h1>${body.join('')}</main></body></html>`
  return new Response(html, {
    status,
    headers: {
      ...SAFE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      // Browsers ignore it on a connection without TLS (RFC 6797, 8.1).
      'strict-transport-security': 'max-age=31536000',
      ...headers,
    },
  })
}
