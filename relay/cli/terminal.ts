/**
 * What a command writes on: a terminal of some width, or a file that has none. And how it writes numbers, times and texts
 * that others have made, of which none may steer the terminal.
 */
import { styleText } from 'node:util'

export interface Terminal {
  /** In columns. `Infinity` where nobody reads along, so that a line stays a line. */
  width: number
  bold: (text: string) => string
  dim: (text: string) => string
}

/** No terminal is taken for narrower, or an id does not stand on a line. */
const LEAST_WIDTH = 40

/** Of a terminal that does not say how wide it is. */
const USUAL_WIDTH = 80

/** The paper that a stream is. Colours go where the terminal and `NO_COLOR` let them. */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const style = (format: 'bold' | 'dim') => (text: string) => styleText(format, text, { stream })
  const width = stream.isTTY ? Math.max(LEAST_WIDTH, stream.columns || USUAL_WIDTH) : Infinity
  return { width, bold: style('bold'), dim: style('dim') }
}

/** Control characters, and those that turn the direction of writing: a terminal obeys them, and a reader is misled. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

/** A text on one line that does nothing but stand there. */
export function printable(text: string): string {
  return text.replace(STEERING, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The text in lines of at most `width` characters, broken between words where it can be. */
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

/** `1 lead`, `12,000 leads`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `12,000` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** How long it is, in its largest unit: `2 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ['second', 1]
  return counted(Math.floor(seconds / length), unit)
}

/** `2026-11-23 09:30`, or to the second. UTC, as the log has it. */
export function timeOf(iso: string, precision: 'minute' | 'second'): string {
  return iso.slice(0, precision === 'minute' ? 16 : 19).replace('T', ' ')
}

/** A name and what it is, under each other where several are. */
export function entry({ width }: Terminal, name: string, text: string): string {
  const [first, ...others] = wrap(text, width - NAMES)
  return [`${name.padEnd(NAMES)}${first}`, ...others.map((line) => ' '.repeat(NAMES) + line)].join('\n')
}

/** Columns for the names of entries, and the space after. */
const NAMES = 14

/** No more than one line in so many milliseconds, and none where it is all done by then. */
const PROGRESS_INTERVAL_MS = 1_000

export interface Progress {
  /** How far it is. */
  tell(text: string): void
  /** Leaves nothing of it on a terminal. */
  end(): void
}

/** Says how far something is that takes longer than a second: on a terminal in one line, else in a line each time. */
export function createProgress(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>, now: () => number): Progress {
  let toldAt = now()
  let isWritten = false
  return {
    tell(text) {
      if (now() - toldAt < PROGRESS_INTERVAL_MS) return
      toldAt = now()
      isWritten = true
      stream.write(stream.isTTY ? `\r\u001B[2K${text}` : `${text}\n`)
    },
    end() {
      if (isWritten && stream.isTTY) stream.write('\r\u001B[2K')
    },
  }
}
