/** Writes the replies of a proxy or a gateway before Marketo, which are the same for both APIs. Nothing is done for them. */
import type { Reply } from './serve-call.ts'

/** Pages by the name of the fault: HTTP status and title. */
const PAGES = {
  html200: [200, 'Please stand by'],
  html401: [401, 'Unauthorized'],
  html403: [403, 'Forbidden'],
  html404: [404, 'Not Found'],
  html413: [413, 'Request Entity Too Large'],
  html414: [414, 'Request-URI Too Long'],
  html429: [429, 'Too Many Requests'],
  html500: [500, 'Internal Server Error'],
  html502: [502, 'Bad Gateway'],
  html503: [503, 'Service Unavailable'],
  redirect: [302, 'Found'],
} as const

export type GatewayFault = keyof typeof PAGES

/** Pause that `html429` asks for unless the fault says another, in ms. */
const DEFAULT_RETRY_AFTER_MS = 20_000

export function isGatewayFault(fault: string): fault is GatewayFault {
  return Object.hasOwn(PAGES, fault)
}

/** @param ms pause that `html429` asks for */
export function gatewayReply(fault: GatewayFault, ms = DEFAULT_RETRY_AFTER_MS): Reply {
  const [status, title] = PAGES[fault]
  const heading = `${status} ${title}`
  return {
    status,
    type: 'text/html; charset=utf-8',
    body: `<html>\n<head><title>${heading}</title></head>\n<body><center><h1>${heading}</h1></center></body>\n</html>\n`,
    ...(fault === 'redirect' && { headers: { location: 'https://login.gateway.example/' } }),
    ...(fault === 'html429' && { headers: { 'retry-after': String(Math.ceil(ms / 1_000)) } }),
  }
}
