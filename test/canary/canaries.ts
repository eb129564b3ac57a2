/**
 * Values that appear nowhere else, for a lead whose every value is to be found again, and the search for them.
 *
 * Each is one short word of letters: the relay redacts long tokens, digits and addresses in any case, so that these would
 * show less.
 */

/** Returns the word that stands for a value. */
export function canary(name: string): string {
  return `quax${name}zib`
}

/** Matches any canary in a text. */
const CANARY = /quax[a-z]+zib/gi

/** A text of the relay: a log, a reply, the output of a command. */
export interface Output {
  /** What wrote it, for the message of a failure. */
  where: string
  text: string
}

/**
 * Returns each canary and secret that a text has, as `where: word (form)`: as it is in any case of letters, in escapes of
 * URLs, JSON and HTML, in base64, and in hexadecimal digits.
 */
export function findLeaks(outputs: readonly Output[], secrets: readonly string[]): string[] {
  return outputs.flatMap(({ where, text }) =>
    [...formsOf(text)].flatMap(([form, readable]) => {
      const lower = readable.toLowerCase()
      const found = [
        ...(lower.match(CANARY) ?? []),
        ...secrets.filter((secret) => lower.includes(secret.toLowerCase())),
      ]
      return [...new Set(found)].map((word) => `${where}: ${word} (${form})`)
    }),
  )
}

/** Yields the text as it is, and what can be decoded in it. */
function* formsOf(text: string): Generator<[form: string, readable: string]> {
  yield ['plain', text]
  yield ['URL', text.replace(/%[0-9a-f]{2}/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))]
  yield [
    'escape',
    text.replace(/\\u[0-9a-f]{4}|&#x[0-9a-f]+;/gi, (escape) => fromHex(escape.replace(/[^0-9a-f]|^\\u/gi, ''))),
  ]
  for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{8,}/g)) {
    // The start of the encoded text is not known: three bytes are four characters.
    for (const start of [0, 1, 2, 3]) yield ['base64', Buffer.from(word.slice(start), 'base64').toString('latin1')]
  }
  for (const [word] of text.matchAll(/(?:[0-9a-f]{2}){8,}/gi)) {
    for (const start of [0, 1]) yield ['hexadecimal', Buffer.from(word.slice(start), 'hex').toString('latin1')]
  }
}

function fromHex(digits: string): string {
  return String.fromCodePoint(Number.parseInt(digits, 16) || 0)
}
