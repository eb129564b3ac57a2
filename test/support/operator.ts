/** The operator of a relay that a test has started: the variable that enables their routes, and their view of `/readyz`. */

const TOKEN = 'token-of-the-operator-of-acme'

/** Variables of a relay with an operator. */
export const OPERATOR = { FORM_SYNC_CONSOLE_TOKEN: TOKEN }

/** Headers of a request by the operator. */
export const AS_OPERATOR = { headers: { authorization: `Bearer ${TOKEN}` } }

/** Asks a relay for its state. Returns the reply, whose body says what waits and what is wrong. */
export function askState(url: string, token: string = TOKEN): Promise<Response> {
  return fetch(`${url}/readyz`, { headers: { authorization: `Bearer ${token}` } })
}
