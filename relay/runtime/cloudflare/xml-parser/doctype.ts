/**
 * Replaces the DOCTYPE reader of fast-xml-parser in the Worker's bundle, which is a thirtieth of it. A reply with a DOCTYPE
 * is refused before it is parsed, so nothing is ever read: without a method to read it, the parser would throw.
 */

class DocTypeReader {
  setXmlVersion(): void {}
}

// oxlint-disable-next-line import/no-default-export -- it is the package's own export
export default DocTypeReader
