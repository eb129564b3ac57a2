/**
 * A reply's text → what stands in the SOAP body, a fault, or why it is neither. Knows no operation.
 *
 * Nothing counts as an answer for want of a better reading: a proxy's page, half a reply or another's envelope is
 * unreadable.
 */
import { MKTOWS, SOAP } from './xml/namespaces.ts'
import { child, readXml, type Element } from './xml/reader.ts'

export type Reply =
  | { kind: 'answer'; body: Element }
  | { kind: 'fault'; fault: Fault }
  | { kind: 'unreadable'; cause: string }

export interface Fault {
  /** `20105`; undefined when the fault has no number. */
  code: string | undefined
  /** Marketo's own words; may hold a person's data. */
  message: string
}

/** Reads what came back, whatever it is. A cause never quotes it. */
export function readReply(text: string): Reply {
  const reading = readXml(text)
  if (reading.kind === 'malformed') return { kind: 'unreadable', cause: reading.cause }

  const { root } = reading
  if (!isSoap(root, 'Envelope')) return { kind: 'unreadable', cause: 'not a SOAP envelope' }
  const bodies = root.children.filter((element) => isSoap(element, 'Body'))
  const [body, ...others] = bodies.flatMap(({ children }) => children)
  if (bodies.length !== 1 || !body || others.length > 0) {
    return { kind: 'unreadable', cause: 'a SOAP envelope without one body' }
  }
  return isSoap(body, 'Fault') ? { kind: 'fault', fault: readFault(body) } : { kind: 'answer', body }
}

function isSoap({ namespace, name }: Element, wanted: string): boolean {
  return namespace === SOAP && name === wanted
}

/**
 * `detail/serviceException/code`, and where that is missing the number in `faultstring` (`20105 - Unknown lead
 * field`). Never `faultcode`: it says `Client` for issues of the server too.
 */
function readFault(fault: Element): Fault {
  const faultstring = child(fault, 'faultstring')?.text ?? ''
  const exception = child(fault, 'detail')?.children.find(
    ({ namespace, name }) => namespace === MKTOWS && name === 'serviceException',
  )
  const code = child(exception, 'code')?.text.trim() ?? ''
  return {
    code: /^[0-9]{1,6}$/.test(code) ? code : /\b[0-9]{5}\b/.exec(faultstring)?.[0],
    message: child(exception, 'message')?.text ?? faultstring,
  }
}
