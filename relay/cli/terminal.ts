/**
 * Formats text for a terminal of a certain width, or for a file: lines, numbers, times and progress.
 *
 * Text from outside passes through `printable`, so that it cannot control the terminal.
 */
import { styleText } from 'node:util'
import { CONTROL_CHARACTERS, escapeCharacter } from '../monitoring/escape-controls.ts'

export interface Terminal {
  /** Width in columns. `Infinity` if the output is not a terminal, so that lines are not wrapped. */
  width: number
  bold: (text: string) => string
  dim: (text: string) => string
  /** Style of the word for an error, and for a warning. */
  error: (text: string) => string
  warning: (text: string) => string
}

/** Minimum width, in columns: an id fits on a line. */
const MIN_WIDTH = 40

/** Width of a terminal that does not report its width, in columns. */
const DEFAULT_WIDTH = 80

/** Width of the labels of entries, in columns, with the space after them. */
const LABEL_WIDTH = 14

/** Returns the terminal of a stream. Styles are used if the terminal and `NO_COLOR` allow it. */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const style = (format: 'bold' | 'dim' | 'red' | 'yellow') => (text: string) => styleText(format, text, { stream })
  const width = stream.isTTY ? Math.max(MIN_WIDTH, stream.columns || DEFAULT_WIDTH) : Infinity
  return { width, bold: style('bold'), dim: style('dim'), error: style('red'), warning: style('yellow') }
}

/** Returns the text on one line, with control characters escaped. */
export function printable(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    return escapeCharacter(character)
  })
}

/** Splits the text into lines of at most `width` characters, between words if possible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text.trim()
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

/** Returns a number with its noun: `1 lead`, `12,000 leads`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(count)} ${count === 1 ? singular : plural}`
}

/** Returns a number with its digits grouped: `12,000`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/**
 * Returns a duration in its largest unit: `2 days`.
 *
 * @param ms duration, in ms
 */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ['second', 1]
  return counted(Math.floor(seconds / length), unit)
}

/** Returns a time in UTC, as in the log: `2026-11-23 09:30`, or with seconds. */
export function timeOf(iso: string, precision: 'minute' | 'second'): string {
  return iso.slice(0, precision === 'minute' ? 16 : 19).replace('T', ' ')
}

/** Returns a label with its text. Further lines of the text are indented below the first one. */
export function entry({ width }: Terminal, label: string, text: string): string {
  const [first, ...others] = wrap(text, width - LABEL_WIDTH)
  return [`${label.padEnd(LABEL_WIDTH)}${first}`, ...others.map((line) => ' '.repeat(LABEL_WIDTH) + line)].join('\n')
}

/** Minimum time before the first progress message and between two messages, in ms. */
const PROGRESS_INTERVAL_MS = 1_000

export interface Progress {
  /** Writes a message, unless the last one is too recent. */
  update(text: string): void
  /** Removes the message from a terminal. */
  end(): void
}

/** Reports the progress of work that takes longer than a second, in one line of a terminal. Elsewhere it writes nothing. */
export function createProgress(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>, now: () => number): Progress {
  let updatedAt = now()
  let isWritten = false
  return {
    update(text) {
      if (!stream.isTTY || now() - updatedAt < PROGRESS_INTERVAL_MS) return
      updatedAt = now()
      isWritten = true
      stream.write(`\r\u001B[2K${text}`)
    },
    end() {
      if (isWritten) stream.write('\r\u001B[2K')
    },
  }
}
