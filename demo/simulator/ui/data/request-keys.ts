/** Reads the cookie and the e-mail address from a request. Pure. */
import { layOutRest, textsOf } from '../call/json-layout.ts'
import { layOutXml } from '../call/xml-layout.ts'
import type { RequestKeys } from './failed-calls.ts'

/** Returns an empty object if the request has neither key. */
export function readRequestKeys(request: string): RequestKeys {
  const keys: RequestKeys = {}
  for (const { element, text } of layOutXml(request) ?? []) {
    if (!text) continue
    if (element === 'marketoCookie') keys.cookie ??= decode(text)
    if (element === 'Email') keys.email ??= decode(text)
  }
  return keys.cookie === undefined && keys.email === undefined ? restKeys(request) : keys
}

/** A call for several leads has no key, because it belongs to nobody alone. */
function restKeys(request: string): RequestKeys {
  const lines = layOutRest(request) ?? []
  const emails = textsOf(lines, 'email')
  if (emails.length > 1) return {}
  const address = /^[A-Z]+ (\/\S*)\n/.exec(request)?.[1]
  const cookie = textsOf(lines, 'cookie')[0] ?? (address && new URL(address, 'http://host').searchParams.get('cookie'))
  return { ...(emails[0] && { email: emails[0] }), ...(cookie && { cookie }) }
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function decode(text: string): string {
  return text.trim().replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}
