/** Names the three XML namespaces of a call and its reply. */

/** SOAP 1.1: envelope, header, body and fault. */
export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Marketo's API. Only root elements of the body and header blocks are in it; their children are unqualified. */
export const MKTOWS = 'http://www.marketo.com/mktows/'

/** XML Schema instance, the namespace of the attribute `nil`. */
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
