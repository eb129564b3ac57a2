/**
 * Replaces parts of fast-xml-parser in the Worker's bundle that the relay's settings never reach: a sixth of the bundle.
 *
 * They handle DOCTYPE entities (a reply with a DOCTYPE is rejected before it is parsed), other entities (the parser has
 * the relay's decoder) and numbers (all values stay text). If one of them is called all the same, it throws or returns
 * the safe value. A test reads replies with this bundle and with the complete parser.
 */

function never(): never {
  throw new Error('the XML parser reached a part that is left out')
}

/** Export of `is-unsafe`. */
export const isUnsafe = (): boolean => true
export const HTML = {}

/** Export of `is-unsafe` and of `@nodable/entities`. */
export const XML = {}

/** Export of `@nodable/entities`. */
export const COMMON_HTML = {}
export const CURRENCY = {}
export const ENTITY_ACTION = {}
export const EntityDecoder = never

/** Export of `xml-naming`, which the XML builder also uses. */
export const qName = never
export const createValidator = never

/** Export of `strnum`. */
// oxlint-disable-next-line import/no-default-export -- the package has a default export
export default never
