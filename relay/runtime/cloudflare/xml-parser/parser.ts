/**
 * Replaces the entry of fast-xml-parser in the Worker's bundle: its parser, without the validator, the builder of options
 * and the other output formats, which the relay does not use. Documents are checked before they are parsed, and come out
 * in document order.
 */
// @ts-expect-error -- the package has no types for its inner files
import OrderedObjParser from '../../../../node_modules/fast-xml-parser/src/xmlparser/OrderedObjParser.js'

interface Parser {
  parseXml(xml: string): unknown
}

/** The package's own defaults of version 5.12.1, without those that are false and those that the relay sets. */
const DEFAULTS = {
  strictReservedNames: true,
  stopNodes: [],
  unpairedTagsSet: new Set(),
  tagValueProcessor: (_: string, value: string) => value,
  attributeValueProcessor: (_: string, value: string) => value,
  updateTag: (name: string) => name,
  onDangerousProperty: (name: string) => `__${name}`,
}

export class XMLParser {
  readonly #options: object

  constructor(options: object) {
    this.#options = { ...DEFAULTS, ...options, processEntities: { enabled: false } }
  }

  parse(xml: string): unknown {
    return new (OrderedObjParser as new (options: unknown, entities: object) => Parser)(this.#options, {}).parseXml(xml)
  }
}
