/**
 * Replaces the entry of fast-xml-parser in the Worker's bundle. It has the parser, but neither the validator nor the
 * output formats that the relay does not use. The input is checked before; the output is in document order.
 */
// @ts-expect-error -- the package gives no types for its inner files
import { buildOptions } from '../../../../node_modules/fast-xml-parser/src/xmlparser/OptionsBuilder.js'
// @ts-expect-error -- no types, as above
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
