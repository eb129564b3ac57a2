/** The three namespaces that a call and its reply are made of. */

/** SOAP 1.1: envelope, header, body and fault. */
export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/'

/** Marketo's own. Only body roots and header blocks stand in it: their children are unqualified. */
export const MKTOWS = 'http://www.marketo.com/mktows/'

/** Where `nil` comes from. */
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
