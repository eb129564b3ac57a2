/** Who a request was about: what stands in it as cookie and as e-mail address. Pure. */
import { layOutXml } from '../call/xml-layout.ts'
import type { Trace } from './failed-calls.ts'

/** Nothing for a request that names neither, or is no XML. */
export function traceOf(request: string): Trace {
  const trace: Trace = {}
  for (const { element, text } of layOutXml(request) ?? []) {
    if (!text) continue
    if (element === 'marketoCookie') trace.cookie ??= decode(text)
    if (element === 'Email') trace.email ??= decode(text)
  }
  return trace
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function decode(text: string): string {
  return text.trim().replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
}
