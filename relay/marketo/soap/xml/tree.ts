/** The tree of a document as the parser returns it. */

export const TEXT = '#text'
export const CDATA = '#cdata'
export const ATTRIBUTES = ':@'

export type Attributes = Readonly<Record<string, string>>

/** An element under its own name, or a piece of text, in document order. */
export interface Node {
  [TEXT]?: string
  [CDATA]?: [{ [TEXT]: string }]
  [ATTRIBUTES]?: Attributes
  [tag: string]: unknown
}
