/**
 * What a text must be before it is parsed: XML 1.0 in form, and free of what SOAP forbids.
 *
 * The parser takes nearly anything, its validator a little less; what both let pass is caught here, but for what shows
 * in the parsed tree only.
 */
import { XMLValidator } from 'fast-xml-parser'

/** The declaration, which alone may look like a processing instruction. */
const DECLARATION =
  /^<\?xml\s+version\s*=\s*(["'])1\.[0-9]\1(?:\s+encoding\s*=\s*(["'])[A-Za-z][\w.-]*\2)?(?:\s+standalone\s*=\s*(["'])(?:yes|no)\3)?\s*\?>/
/** Comments and CDATA whole, so that what is found beside them is no part of either. */
const ASIDES = /<!--[^-]*(?:-[^-]+)*-->|<!\[CDATA\[[^]*?\]\]>|<!DOCTYPE|<[!?]|\]\]>/g
/** What XML 1.0 cannot hold. */
const UNFIT = /[^\t\n\r -\uFFFD]/

/** What is wrong with a text that should be a SOAP message; undefined when nothing is. */
export function objectionTo(text: string): string | undefined {
  if (text.trim() === '') return 'empty'
  if (/^\s*<(?:!doctype\s+)?html\b/i.test(text)) return 'an HTML page'
  for (const [aside] of text.replace(DECLARATION, '').matchAll(ASIDES)) {
    // SOAP 1.1, section 3: no DOCTYPE, which alone can declare entities, and no processing instruction.
    if (aside === '<!DOCTYPE') return 'a DOCTYPE'
    if (aside === '<?') return 'a processing instruction'
    if (aside === '<!' || aside === ']]>') return 'malformed XML'
  }
  if (UNFIT.test(text)) return 'malformed XML'
  return XMLValidator.validate(text) === true ? undefined : 'malformed XML'
}
