/**
 * Stands in the Worker's bundle for the door of fast-xml-parser: its parser, without the validator and the other ways of
 * giving out what was read, which we do not use. What goes in is checked before, and comes out in document order.
 */
// @ts-expect-error -- the package gives no types for its inner files
import { buildOptions } from '../../../../node_modules/fast-xml-parser/src/xmlparser/OptionsBuilder.js'
// @ts-expect-error -- the same
import OrderedObjParser from '../../../../node_modules/fast-xml-parser/src/xmlparser/OrderedObjParser.js'

interface Parser {
  parseXml(xml: string): unknown
}

export class XMLParser {
  readonly #options: unknown

  constructor(options: object) {
    this.#options = (buildOptions as (options: object) => unknown)(options)
  }

  parse(xml: string): unknown {
    return new (OrderedObjParser as new (options: unknown, entities: object) => Parser)(this.#options, {}).parseXml(xml)
  }
}
