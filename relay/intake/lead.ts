/**
 * Defines the lead: an accepted submission, as the outbox stores it and a transport sends it.
 *
 * Types only. A lead contains personal data. It never contains a key, a signature or anything else that expires.
 */

export interface Lead {
  /** The `_id` of the submission, or an id that the relay created: a lower-case UUID. */
  id: string
  /** Name of the form in the configuration. */
  form: string
  /** Ordering key: leads with the same key are delivered one at a time, in the order in which they were accepted. */
  person: string
  email: string
  /** Attributes in the order of the form. Names are SOAP API names; each occurs once. */
  attributes: Attribute[]
  /** Munchkin cookie, decoded: `id:123-ABC-456&token:_mch-…`. */
  cookie?: string
  /** Marketo's `targetWorkspace`, exactly as configured. */
  workspace?: string
  /** Time at which the relay accepted the lead, in epoch ms. */
  acceptedAt: number
  /** Notes for the operator, without personal data: `cookie left out: malformed`. */
  notes: string[]
  /** Reason to hold the lead for a person before it is sent; set by a guard. */
  hold?: string
}

export interface Attribute {
  name: string
  /** Empty to clear the attribute in Marketo. */
  value: string
}
