/**
 * Replaces `relay/marketo/soap/xml/tree-parser.ts` in the Worker's bundle, where fast-xml-parser would be a tenth. It relies
 * on the check of the whole form before: tags are closed in order, and `<` and quotes stand only where XML allows them.
 */
import { ATTRIBUTES, CDATA, TEXT, type Attributes, type Node } from '../../marketo/soap/xml/tree.ts'

/** A comment, the declaration, a CDATA section, an end tag, a start tag with its attributes, or text. */
const TOKEN =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<\/[^>]*>|<([^\s/>]+)((?:[^>"'/]|"[^"]*"|'[^']*')*)(\/?)>|[^<]+/g
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** Names that fast-xml-parser refuses, and names that it changes, because objects have properties of these names. */
const REFUSED = /^(?:__proto__|constructor|prototype)$/
const CHANGED = /^(?:hasOwnProperty|toString|valueOf|__(?:define|lookup)[GS]etter__)$/

/** Returns the root of a document that `checkForm` accepts. Throws for a name that fast-xml-parser refuses. */
export function parseTree(text: string): Node {
  const document: Node[] = []
  const open = [document]
  for (const [token, cdata, tag, attributes = '', end] of text.replace(/\r\n?/g, '\n').matchAll(TOKEN)) {
    const siblings = open.at(-1)!
    if (tag) {
      const children: Node[] = []
      siblings.push({ [nameOf(tag)]: children, ...readAttributes(attributes) })
      if (!end) open.push(children)
    } else if (cdata !== undefined) siblings.push({ [CDATA]: [{ [TEXT]: cdata }] })
    else if (token.startsWith('</')) open.pop()
    else if (!token.startsWith('<') && siblings !== document) siblings.push({ [TEXT]: token })
  }
  const [root] = document as [Node]
  return root
}

function readAttributes(text: string): { [ATTRIBUTES]?: Attributes } {
  const pairs = Array.from(text.matchAll(ATTRIBUTE), ([, name = '', double, single = '']) => [
    nameOf(name),
    double ?? single,
  ])
  return pairs.length === 0 ? {} : { [ATTRIBUTES]: Object.fromEntries(pairs) as Attributes }
}

function nameOf(name: string): string {
  if (REFUSED.test(name)) throw new TypeError('a reserved name')
  return CHANGED.test(name) ? `__${name}` : name
}
