/**
 * What the widget and the relay say to each other.
 *
 * Types only: nothing here may run, so that the widget can import it without carrying a byte of the relay.
 */

/** The fields beside the form's own. All are optional; every name starts with `_`, and no field of a form may. */
export interface Extras {
  /** Names this filled-in form: a UUID. The same id twice is one lead. */
  _id?: string
  /** The Munchkin cookie's value, decoded. */
  _visitor?: string
  /** The page's address without query and fragment. */
  _page?: string
  /** Where the visitor came from. */
  _referrer?: string
  /** The page's query string, without `?`. */
  _query?: string
  /** Milliseconds between the first touch of the form and the submit. */
  _elapsed?: string
  /** For the page without script: where to go, only to a host of the form's allow-list. */
  _next?: string
}

/** `202`: the lead is kept. The address to go to, where there is one, stands in the `Location` header. */
export interface Accepted {
  ok: true
  id: string
}

/** Every other answer: RFC 9457 `application/problem+json`. */
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
  | 'key' // 401, for servers
  | 'rate' // 429, with Retry-After
  | 'marketo' // 502, 503 or 504: what Marketo answered a server
  | 'unavailable' // 503, with Retry-After

/** One field that cannot be taken as it is. `message` is for the visitor. */
export interface FieldProblem {
  field: string
  code: FieldProblemCode
  message: string
}

export type FieldProblemCode = 'required' | 'too-long' | 'email' | 'format' | 'option' | 'repeated' | 'file'
