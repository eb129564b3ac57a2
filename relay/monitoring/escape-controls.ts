/** Characters that control a terminal or change the direction of text, and their escape. Pure. */

/** Matches C0 and C1 controls, line and paragraph separators, and marks, embeddings and isolates of direction. */
export const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

/** Returns the escape of a character in JSON and in JavaScript: `\u009b`. */
export function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
