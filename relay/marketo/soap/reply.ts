/**
 * Reads a reply's text: the content of the SOAP body, a fault, or the cause why it is neither. Knows no operation.
 *
 * There is no default success: a proxy's page, a truncated reply or another service's envelope is unreadable.
 */
import { MKTOWS, SOAP } from './xml/namespaces.ts'
import { child, readXml, type Element } from './xml/reader.ts'

export type Reply =
  | { kind: 'answer'; body: Element }
  | { kind: 'fault'; fault: Fault }
  | { kind: 'unreadable'; cause: string }

export interface Fault {
  /** Marketo's error code, for example `20105`; undefined if the fault has no number. */
  code: string | undefined
  /** Marketo's message; may contain personal data. */
  message: string
}

/** Reads any text. The cause never quotes the text. */
export function readReply(text: string): Reply {
  const parsed = readXml(text)
  if (parsed.kind === 'malformed') return { kind: 'unreadable', cause: parsed.cause }

  const { root } = parsed
  if (!isSoap(root, 'Envelope')) return { kind: 'unreadable', cause: 'not a SOAP envelope' }
  const bodies = root.children.filter((element) => isSoap(element, 'Body'))
  const [body, ...others] = bodies.flatMap(({ children }) => children)
  if (bodies.length !== 1 || !body || others.length > 0) {
    return { kind: 'unreadable', cause: 'a SOAP envelope without exactly one body element' }
  }
  return isSoap(body, 'Fault') ? { kind: 'fault', fault: readFault(body) } : { kind: 'answer', body }
}

function isSoap({ namespace, name }: Element, expected: string): boolean {
  return namespace === SOAP && name === expected
}

/**
 * Reads the code from `detail/serviceException/code`, or else from the number in `faultstring` (`20105 - Unknown lead
 * field`). Ignores `faultcode`, which says `Client` for errors of the server too.
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
