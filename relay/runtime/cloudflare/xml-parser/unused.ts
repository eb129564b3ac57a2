/**
 * Stands in the Worker's bundle for parts of fast-xml-parser that our settings never reach, a sixth of the bundle.
 *
 * Each is asked only about what cannot come: entities of a DOCTYPE (a reply with one is refused before it is parsed),
 * entities at all (the parser is given a decoder of ours), numbers (all stays text). Should something ask all the same,
 * it fails, or the answer is the safe one. A test reads replies with this bundle and with the whole parser.
 */

function never(): never {
  throw new Error('the XML parser reached a part that is left out')
}

/** Of `is-unsafe`. */
export const isUnsafe = (): boolean => true
export const HTML = {}

/** Of `is-unsafe` and of `@nodable/entities`. */
export const XML = {}

/** Of `@nodable/entities`. */
export const COMMON_HTML = {}
export const CURRENCY = {}
export const ENTITY_ACTION = {}
export const EntityDecoder = never

/** Of `xml-naming`, which the builder of XML asks too. */
export const qName = never
export const createValidator = never

/** Of `strnum`. */
// oxlint-disable-next-line import/no-default-export -- it is the package's own name for it
export default never
