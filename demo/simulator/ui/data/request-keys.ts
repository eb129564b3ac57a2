/** Reads the cookie and the e-mail address from a request. Pure. */
import { layOutXml } from '../call/xml-layout.ts'
import type { RequestKeys } from './failed-calls.ts'

/** Returns an empty object if the request has neither key or is not XML. */
export function readRequestKeys(request: string): RequestKeys {
  const keys: RequestKeys = {}
  for (const { element, text } of layOutXml(request) ?? []) {
    if (!text) continue
    if (element === 'marketoCookie') keys.cookie ??= decode(text)
    if (element === 'Email') keys.email ??= decode(text)
  }
  return keys
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function decode(text: string): string {
  return text.trim().replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}
