/**
 * Escapes what could control a terminal in all that a process writes to a stream.
 *
 * Commands pass text from outside through `printable`; this is the guard for what they miss, for JSON, and for messages
 * of errors. Line ends, tabs, the styles of `styleText` and the line of a progress message stay as they are.
 */
import { CONTROL_CHARACTERS, escapeCharacter } from '../monitoring/escape-controls.ts'

/** Start of a progress message in a terminal: it replaces the line. */
const LINE_START = '\r\u001B[2K'

/** Parts of a text that stay: line ends, tabs and styles. */
// oxlint-disable-next-line no-control-regex -- the styles of a terminal
const ALLOWED = /(\r?\n|\t|\u001B\[\d+(?:;\d+)*m)/

/** Makes the stream escape the texts that it gets. Bytes, which no command writes, are passed on. */
export function escapeOutput(stream: Pick<NodeJS.WriteStream, 'write'>): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...more: unknown[]) => boolean
  stream.write = (chunk: unknown, ...more: unknown[]) =>
    write(typeof chunk === 'string' ? escapeControls(chunk) : chunk, ...more)
}

/** Returns the text with its control characters escaped, but those that a command uses itself. */
export function escapeControls(text: string): string {
  const start = text.startsWith(LINE_START) ? LINE_START : ''
  const parts = text.slice(start.length).split(ALLOWED)
  return start + parts.map((part, at) => (at % 2 ? part : part.replace(CONTROL_CHARACTERS, escapeCharacter))).join('')
}
