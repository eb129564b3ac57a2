/**
 * Defines the lead: an accepted submission, as the outbox stores it and a transport sends it.
 *
 * Types only. A lead contains personal data. It never contains a key, a signature or anything else that expires.
 */

declare const brand: unique symbol

/** Id of a lead: a lower-case UUID. Made by `identity.ts`. */
export type LeadId = string & { readonly [brand]: 'LeadId' }

/** Key of a person: leads with the same key are delivered one at a time, in order. Made by `identity.ts`. */
export type OrderingKey = string & { readonly [brand]: 'OrderingKey' }

export interface Lead {
  /** The `_id` of the submission, or an id that the relay created. */
  id: LeadId
  /** Name of the form in the configuration. */
  form: string
  person: OrderingKey
  email: string
  /** Attributes in the order of the form. Names are SOAP API names, whatever the transport; each occurs once. */
  attributes: Attribute[]
  /** Munchkin cookie, decoded: `id:123-ABC-456&token:_mch-…`. */
  cookie?: string
  /** Marketo's `targetWorkspace`, exactly as configured. */
  workspace?: string
  /** Lead partition, exactly as configured. */
  partition?: string
  /** Name of the field by which Marketo finds the person. The e-mail address by default. */
  lookup?: string
  /** Time at which the relay accepted the lead, in epoch ms. */
  acceptedAt: number
  /** Notes for the operator, without personal data: `cookie left out: malformed`. */
  notes: string[]
  /** Network of the visitor, on the way to the store alone: it keeps a digest that changes daily. See `network.ts`. */
  network?: string
  /** Reason to hold the lead for a person before it is sent; set by a guard. */
  hold?: string
}

export interface Attribute {
  name: string
  /** Empty to clear the attribute in Marketo. */
  value: string
  /** Set for a value that is `1` or `0`: each transport writes it in its own way. */
  type?: 'boolean'
}
