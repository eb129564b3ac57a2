/** What a message asks for: the operation, who says so, and where. */
import { SoapFault } from './fault.ts'
import { childOf, MARKETO, readXml, textOf, type XmlElement } from './read-xml.ts'

export interface Envelope {
  /** `syncLead` for a body that begins with `paramsSyncLead`. */
  operation: string
  /** The body's element. */
  params: XmlElement
  /** All blocks of the header. */
  headers: XmlElement[]
  authentication: Authentication
  /** `MktowsContextHeader/targetWorkspace`, verbatim. */
  workspace: string | undefined
}

/** The header as it was sent; empty where it was not. */
export interface Authentication {
  userId: string
  signature: string
  stamp: string
}

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Throws 20012 for whatever is no SOAP 1.1 message to Marketo. */
export function readEnvelope(xml: string): Envelope {
  const root = readXml(xml)
  const header = childOf(root, 'Header', [SOAP])
  const params = childOf(root, 'Body', [SOAP])?.children.find((element) => element.namespace === MARKETO)
  const [, initial, rest] = /^params([A-Z])(\w*)$/.exec(params?.name ?? '') ?? []
  if (root.name !== 'Envelope' || root.namespace !== SOAP || !params || initial === undefined)
    throw new SoapFault('20012')

  const authentication = childOf(header, 'AuthenticationHeader', [MARKETO])
  return {
    operation: initial.toLowerCase() + (rest ?? ''),
    params,
    headers: header?.children ?? [],
    authentication: {
      userId: textOf(authentication, 'mktowsUserId') ?? '',
      signature: textOf(authentication, 'requestSignature') ?? '',
      stamp: textOf(authentication, 'requestTimestamp') ?? '',
    },
    workspace: textOf(childOf(header, 'MktowsContextHeader', [MARKETO]), 'targetWorkspace'),
  }
}
