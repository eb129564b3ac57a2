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
  /** What becomes of it when several people have the address: the newest is written. Else it is parked. */
  duplicates?: 'newest'
  /** Names of the attributes that are sent only where the person has no value of them at Marketo. Absent where there is none. */
  whenEmpty?: readonly string[]
  /** Id of the Marketo form that the lead fills out, in place of being written as a record. */
  marketoForm?: number
  /** Id of the program that the Marketo form is filled out in. */
  program?: number
  /** Name of the attribute that gets the id of the lead. */
  receipt?: string
  /** Only with `marketoForm`, and not empty. */
  visit?: Visit
  /** Time at which the relay accepted the lead, in epoch ms. */
  acceptedAt: number
  /** Notes for the operator, without personal data: `cookie left out: malformed`. */
  notes: string[]
  /** Network of the visitor, on the way to the store alone: it keeps a digest that changes daily. See `network.ts`. */
  network?: string
  /**
   * Cookie that was posted and is not sent, on the way to the store alone. The id stands for a content with it, so that the
   * submission is the same lead whether or not its cookie was left out.
   */
  cookieLeftOut?: string
  /** Set when little shows that a person has sent the post. The lead is taken, and goes without its cookie. */
  weak?: true
  /** Names of the rules that have fired for the post, on the way to the store alone: it has a column for them. */
  rules?: readonly string[]
  /** Reason to hold the lead for a person before it is sent; set by a guard. */
  hold?: string
  /**
   * Set when a rule drops the post, on the way to the store alone: it counts the lead and does not store it, in the same time
   * as one that it stores.
   */
  drop?: true
}

/** The visitor's page and browser, which a Marketo form is filled out with, by Marketo's names. Personal data. */
export interface Visit {
  /** URL of the page, without its query. */
  pageURL?: string
  /** The query of the page, without `?`. */
  queryString?: string
  userAgentString?: string
  /** IPv4 address. */
  leadClientIpAddress?: string
}

export interface Attribute {
  name: string
  /** Empty to clear the attribute in Marketo. */
  value: string
  /** Set for a value that is `1` or `0`: each transport writes it in its own way. */
  type?: 'boolean'
}
