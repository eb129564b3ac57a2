/** Parses XML text whose form was checked. The only file that knows fast-xml-parser. It converts and trims no text. */
import { XMLParser } from 'fast-xml-parser'
import { CDATA, TEXT, type Node } from './tree.ts'
import { MAX_DEPTH } from './well-formed.ts'

const parser = /* @__PURE__ */ new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  textNodeName: TEXT,
  cdataPropName: CDATA,
  maxNestedTags: MAX_DEPTH,
  jPath: false,
  // The reader decodes entities. Without this object, the parser creates a decoder for each document.
  entityDecoder: {
    setExternalEntities() {},
    addInputEntities() {},
    setXmlVersion() {},
    reset() {},
    decode: (text) => text,
  },
})

/** Returns the root of a document that `checkForm` accepts. Throws for a name that the parser reserves. */
export function parseTree(text: string): Node {
  const [root] = parser.parse(text) as [Node]
  return root
}
