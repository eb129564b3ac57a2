/**
 * The port of the cipher that seals texts, and the form of a sealed text: `s1.<key id>.<nonce>.<tag>.<text>`, each part in
 * base64url. The runtime has the implementation, because the core has no synchronous cryptography.
 *
 * Both methods are synchronous: the outbox on SQLite reads and writes within synchronous transactions.
 */

/** AES-256-GCM with one or several keys. */
export interface TextCipher {
  /** Ids of its keys. An id says which key a text was sealed with, and nothing about the key itself. */
  keyIds: readonly string[]
  /**
   * Seals a text with one of the keys.
   *
   * @param context where the text is stored; it is not part of the result, and the text opens nowhere else
   */
  seal(text: string, context: string, keyId: string): string
  /** @throws {DataKeyError} when the key is missing, the text was changed, or it was sealed for another context */
  open(sealed: string, context: string): string
}

/** The data keys do not fit what is stored. Nothing was changed. */
export class DataKeyError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DataKeyError'
  }
}

const SEALED = /^s1\.([\w-]{8})\.[\w-]{16}\.[\w-]{22}\.[\w-]*$/

/** Returns the id of the key that a text was sealed with; undefined for a text that is not sealed. */
export function keyIdOf(text: string): string | undefined {
  return SEALED.exec(text)?.[1]
}
