/**
 * The content that an id stands for. A lead with a known id and the same content is the same lead, also after it was
 * delivered; with another content it is another lead, which is stored under an id of its own.
 *
 * The content is compared by a keyed digest, which stays on the receipt when the personal data is wiped.
 */
import { replacementId } from '../intake/identity.ts'
import type { Lead } from '../intake/lead.ts'
import type { SourceDigest } from './lead-source.ts'
import { keysOf, type KeyedDigest, type LeadKeys } from './person-keys.ts'

/** The keys of a lead that is to be stored. */
export interface AddedKeys extends LeadKeys {
  /** Digest of the id with the content. */
  content: string
  /** Digest of the visitor's network; null where it is unknown. */
  source: string | null
}

/** A lead that was stored under another id, because its own was used before with another content. */
export interface ReusedId {
  /** The id that the submission named. */
  id: string
  form: string
  storedAs: string
}

/** Computes the keys of leads that are to be stored for an account, in their order. All digests start at once. */
export async function addedKeysOf(
  leads: readonly Lead[],
  account: string,
  digest: KeyedDigest,
  sourceOf: SourceDigest = () => null,
): Promise<AddedKeys[]> {
  const contents = leads.map((lead) => digest(contentOf(lead, account)))
  const sources = leads.map(sourceOf)
  const keys: AddedKeys[] = []
  for (const [at, own] of (await keysOf(leads, digest)).entries()) {
    const [content, source] = [contents[at]!, sources[at]!]
    // A digest that is there already takes no turn of the event loop.
    keys.push({
      ...own,
      content: typeof content === 'string' ? content : await content,
      source: source === null || typeof source === 'string' ? source : await source,
    })
  }
  return keys
}

/**
 * Returns the lead as it is stored when its id stands for another content: under an id that is made of its own id and its
 * content, so that the same submission sent again is the same lead, and with a note.
 */
export function withReplacedId(lead: Lead, { content }: AddedKeys): Lead {
  const note = `id replaced: ${lead.id} was used before with another content`
  return { ...lead, id: replacementId(content), notes: [...lead.notes, note] }
}

/**
 * Returns all that makes one lead another than one with the same id: what Marketo would get, and by which form. The id is
 * a part of it, so that equal contents have different digests. Neither an address nor a cookie begins like it.
 */
function contentOf(lead: Lead, account: string): string {
  const { id, form, person, email, attributes, cookieLeftOut, cookie = cookieLeftOut, workspace } = lead
  const values = attributes.map(({ name, value }) => [name, value])
  return `content:${JSON.stringify([id, account, form, person, email, values, cookie, workspace])}`
}
