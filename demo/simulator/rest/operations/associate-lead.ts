/**
 * Implements Associate Lead: a visitor's cookie, and with it the earlier visits, goes to a known lead.
 *
 * The cookie is decoded once, as any query parameter, so that one that was encoded twice is refused. Marketo's samples in
 * Java and C# put `_mkto_trk=` before the value, others do not; both are taken, and the activity shows which came. Chosen: a cookie of another account is
 * refused like one that is none.
 */
import { publishPeople } from '../../marketo.ts'
import { readOwnCookie } from '../../people/cookie.ts'
import { errorText, RestError } from '../errors.ts'
import type { Operation } from './operation.ts'

const PREFIX = '_mkto_trk='

export const associateLead: Operation = {
  name: 'associateLead',
  method: 'POST',
  path: /^\/rest\/v1\/leads\/(\d{1,18})\/associate\.json$/,
  run: ({ people, account, now, events }, { path, query, call }) => {
    const person = people.findById(Number(path[0]))
    const given = query.get('cookie') ?? ''
    const isPrefixed = given.startsWith(PREFIX)
    const cookie = readOwnCookie(isPrefixed ? given.slice(PREFIX.length) : given, account.munchkinId)
    if (!cookie) throw new RestError('1012', errorText('1012', given))
    if (!person?.known) throw new RestError('1004')

    people.assignCookie(person, cookie)
    const at = new Date(now()).toISOString()
    person.activities.push({ type: 'associated', at, call, ...(isPrefixed && { cookiePrefix: PREFIX }) })
    people.markChanged(person)
    publishPeople({ people, events })
    return { leadId: person.id }
  },
}
