/**
 * A submission once accepted, as it waits in the outbox and as a transport sends it.
 *
 * Types only. It holds a person's data and never a signature, a key or anything else that ages.
 */

export interface Lead {
  /** The submission's `_id`, or one made by the relay: a lower-case UUID. */
  id: string
  /** The form's name in the configuration. */
  form: string
  /** Whose lead it is: one person's leads are delivered one after the other, in the order they came. */
  person: string
  email: string
  /** In the form's order. Names are Marketo's SOAP API names; no name stands twice. */
  attributes: Attribute[]
  /** The Munchkin cookie, decoded: `id:123-ABC-456&token:_mch-…`. */
  cookie?: string
  /** Marketo's `targetWorkspace`, verbatim as configured. */
  workspace?: string
  /** When the relay took it, epoch milliseconds. */
  acceptedAt: number
  /** What the operator should know, without a person's data: `cookie left out: foreign`. */
  notes: string[]
  /** Reason to hold the lead for a person before it is sent; set by a guard. */
  hold?: string
}

export interface Attribute {
  name: string
  /** An empty value clears the attribute in Marketo. */
  value: string
}
