/**
 * The rules about what a visitor has typed: `links`, `markup`, `formula` and `invisible`. Pure. A real visitor may be met, so
 * that these rules never drop a post.
 */
import type { Finding, Guard } from './guard.ts'

/** Attributes that hold the name of a person, a company or a place, where neither a link nor markup belongs. */
const NAMES: ReadonlySet<string> = new Set([
  'FirstName',
  'MiddleName',
  'LastName',
  'Salutation',
  'Title',
  'Company',
  'Department',
  'City',
  'State',
  'Country',
])

/** An address with its scheme, one that begins with `www.`, or a host with a path. `Booking.com` is the name of a company. */
const LINK = /(?:https?|ftp):\/\/|\bwww\.[^\s.]{1,63}\.|(?<![a-z0-9-])[a-z0-9-]{2,63}\.[a-z]{2,24}\/\S/i

/** A tag of HTML or of a bulletin board, an escaped one, or the brackets of a template. */
const MARKUP = /<[/!]?[a-z][^<>]*>|\[\/?(?:url|link|img|b|i)[=\]]|&(?:lt|gt|#\d+|#x[0-9a-f]+);|\{\{|\$\{/i

/**
 * The start of a formula of a spreadsheet: `=` before a name, a number or a bracket; or a sign or `@` before a function, or with
 * a call of a program (`+x|'…'!A0`). A telephone number has no letters after its plus.
 */
const FORMULA = /^\s*['"]?(?:=\s*[\w("'+@-]|[+@-]\s*[a-z][\w.]*\(|[=+@-][^|\n]{0,200}\|[^!\n]{0,200}!)/i

/** Marks that change the direction of text, spaces without width, and letters that show nothing. */
const INVISIBLE = /[\u115F\u1160\u180E\u200B\u202A-\u202E\u2060-\u2064\u2066-\u2069\u3164\uFEFF\uFFA0]/u

/** Joiners and marks of direction between Latin, Greek or Cyrillic letters or digits, where no script and no emoji needs them. */
const STRAY_JOINER =
  /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\d][\u200C-\u200F]+[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\d]/u

/** Invisible tags that belong to no flag. */
const STRAY_TAG = /(?<![\u{1F3F4}\u{E0020}-\u{E007F}])[\u{E0000}-\u{E007F}]/u

/** Returns what to look for in a post: the first value that is meant and fits. */
function valueThat(what: string, isFound: (value: string) => boolean, isNameOnly = false): Guard['examine'] {
  return ({ texts }): Finding | undefined => {
    const found = texts.find(
      ({ attribute, type, value }) => (!isNameOnly || (type === 'text' && NAMES.has(attribute))) && isFound(value),
    )
    return found && { reason: `${what} in ${found.attribute}` }
  }
}

/** The guards of these rules. */
export const CONTENT_GUARDS: readonly Guard[] = [
  { rule: 'links', examine: valueThat('a link', (value) => LINK.test(value), true) },
  { rule: 'markup', examine: valueThat('markup', (value) => MARKUP.test(value), true) },
  { rule: 'formula', examine: valueThat('the start of a formula', (value) => FORMULA.test(value)) },
  {
    rule: 'invisible',
    examine: valueThat(
      'invisible characters',
      // Most texts have none of them.
      (value) =>
        /[^\x20-\x7E]/.test(value) && (INVISIBLE.test(value) || STRAY_JOINER.test(value) || STRAY_TAG.test(value)),
    ),
  },
]
