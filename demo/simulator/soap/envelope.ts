/** Parses a SOAP envelope: operation, parameters, authentication, workspace. Does not verify any of them. */
import { SoapFault } from './fault.ts'
import { childOf, MARKETO, readXml, textOf, type XmlElement } from './read-xml.ts'

export interface Envelope {
  /** Name of the operation: `syncLead` if the body contains `paramsSyncLead`. */
  operation: string
  /** Marketo's element in the body. */
  params: XmlElement
  /** All header blocks. */
  headers: XmlElement[]
  authentication: Authentication
  /** Value of `MktowsContextHeader/targetWorkspace`. */
  workspace: string | undefined
}

/** Values of the authentication header. A missing value is empty. */
export interface Authentication {
  userId: string
  signature: string
  stamp: string
}

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

/** @throws fault 20012 if the text is not a SOAP 1.1 message for Marketo */
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
