/**
 * Messages between the widget and the relay: the fields of a request, the bodies of a reply and the problem codes.
 *
 * Types only. This file contains no code that runs, so the widget can import it without bundling any of the relay.
 */

/** Fields that the widget sends beside the form's own. All are optional. Their names start with `_`, which is reserved. */
export interface Extras {
  /** Id of this submission: a UUID. Submissions with the same id are one lead. */
  _id?: string
  /** Value of the Munchkin cookie, decoded. A page with several cookies repeats the field. */
  _visitor?: string
  /**
   * Whether the visitor has agreed to be recognised: `granted`, `denied`, `not-required` where nobody has to be asked,
   * `unknown`, or the value of a check box.
   */
  _consent?: string
  /** Name of what has told the decision: a consent tool, or a part of the page. */
  _consent_source?: string
  /** Time of the decision, in UTC: `2026-11-23T09:30:00Z`. */
  _consent_time?: string
  /** The source's own record of the decision, such as a TC string. */
  _consent_detail?: string
  /** URL of the page, without query and fragment. */
  _page?: string
  /** URL of the referrer. */
  _referrer?: string
  /** Query string of the page, without `?`. */
  _query?: string
  /** Time between the first interaction with the form and the submit, in ms. */
  _elapsed?: string
  /** A field that the page hides from people. Programs fill it in. */
  _gotcha?: string
  /** Ticket that the relay gave to the page at the visitor's first touch of the form. */
  _ticket?: string
  /** Answer to the challenge of the form. */
  _challenge?: string
  /** Asks for the names of the posted fields that the form does not define, whatever its value. */
  _debug?: string
  /** URL to redirect to when the page runs no script. Its host must be one that the form allows. */
  _next?: string
}

/** Body of the reply to `GET /f/<form>/ticket`. */
export interface TicketReply {
  ticket?: string
  /** A task of ALTCHA, version 2, that a browser solves by work. */
  challenge?: { parameters: WorkParameters; signature?: string }
}

/** Of a key that is derived from nonce, salt and a counter, the first bytes must be `keyPrefix`, all in hexadecimal. */
interface WorkParameters {
  algorithm: string
  nonce: string
  salt: string
  cost: number
  keyLength: number
  keyPrefix: string
  data?: Record<string, string | number | boolean | null>
}

/** Body of a `202` reply: the lead is stored. The `Location` header names the page to go to, if there is one. */
export interface Accepted {
  ok: true
  id: string
  /** Names of posted fields that the form does not define, at most 20 of 64 characters. Only where `_debug` was posted. */
  unknown?: string[]
}

/** Body of every other reply: `application/problem+json` (RFC 9457). */
export interface Problem {
  type: 'about:blank'
  title: string
  status: number
  code: ProblemCode
  detail: string
  errors?: FieldProblem[]
}

export type ProblemCode =
  | 'unreadable' // 400
  | 'origin' // 403
  | 'form' // 404
  | 'method' // 405
  | 'too-large' // 413
  | 'type' // 415
  | 'fields' // 422
  | 'key' // 401, for servers and operators
  | 'role' // 403, for operators whose token may only look
  | 'rate' // 429, with Retry-After
  | 'marketo' // 502, 503 or 504: a server's call to Marketo failed
  | 'unavailable' // 503, with Retry-After

/** Problem with one field. Visitors read the `message`. */
export interface FieldProblem {
  field: string
  code: FieldProblemCode
  message: string
}

export type FieldProblemCode = 'required' | 'too-long' | 'email' | 'format' | 'option' | 'repeated' | 'file'
