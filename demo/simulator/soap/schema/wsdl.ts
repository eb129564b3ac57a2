/**
 * Writes the WSDL from the types: SOAP 1.1, document/literal, local elements without a namespace, like Marketo's WSDL.
 *
 * As in Marketo's WSDL, header blocks are separate messages and no fault is declared. Java therefore needs
 * `wsimport -XadditionalHeaders`.
 */
import { BASE_TYPES } from './other-types.ts'
import { capitalize, ENUMERATIONS, headersOf, OPERATIONS, TYPES, XSD_TYPES, type Part } from './types.ts'

const NAMESPACE = 'http://www.marketo.com/mktows/'

/** @param address URL of the SOAP endpoint, as written into the WSDL */
export function writeWsdl(address: string): string {
  const operations = Object.entries(OPERATIONS)
  const names = operations.map(([name]) => name)
  return `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="mktows" targetNamespace="${NAMESPACE}" xmlns:tns="${NAMESPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<wsdl:types>
<xs:schema targetNamespace="${NAMESPACE}">
${Object.entries(ENUMERATIONS).map(enumeration).join('\n')}
${Object.entries(TYPES).map(complexType).join('\n')}
${Object.entries(headersOf('syncLead')).map(rootElement).join('\n')}
${names.flatMap((name) => ['Params', 'Success'].map((kind) => rootElement(root(kind, name)))).join('\n')}
</xs:schema>
</wsdl:types>
${Object.keys(headersOf('syncLead')).map(headerMessage).join('\n')}
${names.map(messages).join('\n')}
<wsdl:portType name="MktowsPort">
${operations.map(portOperation).join('\n')}
</wsdl:portType>
<wsdl:binding name="MktowsApiSoapBinding" type="tns:MktowsPort">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${names.map(boundOperation).join('\n')}
</wsdl:binding>
<wsdl:service name="MktMktowsApiService">
<wsdl:port name="MktowsApiSoapPort" binding="tns:MktowsApiSoapBinding"><soap:address location="${escapeAttribute(address)}"/></wsdl:port>
</wsdl:service>
</wsdl:definitions>
`
}

function enumeration([name, values]: [string, readonly string[]]): string {
  const list = values.map((value) => `<xs:enumeration value="${value}"/>`).join('')
  return `<xs:simpleType name="${name}"><xs:restriction base="xs:string">${list}</xs:restriction></xs:simpleType>`
}

function complexType([name, parts]: [string, readonly Part[]]): string {
  const sequence = `<xs:sequence>${parts.map(element).join('')}</xs:sequence>`
  const base = BASE_TYPES[name]
  if (base === undefined) return `<xs:complexType name="${name}"${abstract(name)}>${sequence}</xs:complexType>`
  const extension = `<xs:extension base="tns:${base}">${sequence}</xs:extension>`
  return `<xs:complexType name="${name}"><xs:complexContent>${extension}</xs:complexContent></xs:complexType>`
}

function abstract(name: string): string {
  return Object.values(BASE_TYPES).includes(name) ? ' abstract="true"' : ''
}

function element({ name, type, required, many, nillable }: Part): string {
  const prefix = XSD_TYPES.has(type) ? 'xs' : 'tns'
  return `<xs:element name="${name}" type="${prefix}:${type}" minOccurs="${required ? 1 : 0}" maxOccurs="${many ? 'unbounded' : '1'}" nillable="${nillable}"/>`
}

function rootElement([name, type]: [string, string]): string {
  return `<xs:element name="${name}" type="tns:${type}"/>`
}

/** Returns name and type of a root element: `paramsSyncLead` of the type `ParamsSyncLead`. */
function root(kind: string, operation: string): [string, string] {
  const type = kind + capitalize(operation)
  return [type.charAt(0).toLowerCase() + type.slice(1), type]
}

function headerMessage(name: string): string {
  return `<wsdl:message name="${name}"><wsdl:part name="${headerPart(name)}" element="tns:${name}"/></wsdl:message>`
}

/** Returns Marketo's name of the message part. Generated clients name their parameters after it. */
function headerPart(name: string): string {
  return name === 'AuthenticationHeader' ? 'authentication' : 'mktowsContext'
}

function messages(operation: string): string {
  return [
    [`${capitalize(operation)}Request`, root('Params', operation)[0]],
    [`${capitalize(operation)}Response`, root('Success', operation)[0]],
  ]
    .map(
      ([message, name]) =>
        `<wsdl:message name="${message}"><wsdl:part name="${name}" element="tns:${name}"/></wsdl:message>`,
    )
    .join('\n')
}

function portOperation([name, purpose]: [string, string]): string {
  const message = `tns:${capitalize(name)}`
  return `<wsdl:operation name="${name}"><wsdl:documentation>${purpose}</wsdl:documentation><wsdl:input message="${message}Request"/><wsdl:output message="${message}Response"/></wsdl:operation>`
}

function boundOperation(name: string): string {
  const headers = Object.keys(headersOf(name)).map(
    (header) => `<soap:header use="literal" part="${headerPart(header)}" message="tns:${header}"/>`,
  )
  return `<wsdl:operation name="${name}"><soap:operation soapAction="${NAMESPACE}${name}"/><wsdl:input>${headers.join('')}<soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>`
}

/** Escapes an attribute's value, because the address comes from a request. */
function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
