/** The cookie of a job among its attributes that are not sent: rejected by Marketo, stale, or following. Pure. */

/** Stands for the cookie in a list of rejected or of stale attributes. No attribute of Marketo's has this name. */
export const UNSENT_COOKIE = 'Munchkin cookie'

/** Stands in the list of stale attributes for a cookie that follows the lead in a call of its own. */
export const FOLLOWING_COOKIE = 'Munchkin cookie follows'

/** Stands in the list of stale attributes for a cookie that a person has set. It is newer than those of the visitor. */
export const SET_COOKIE = 'Munchkin cookie set'

/** Notes on a lead that was delivered without its cookie. */
export const COOKIE_NOTE = 'cookie left out: Marketo refused the lead with it'
export const STALE_COOKIE_NOTE = 'cookie left out: a later lead of the same visitor was delivered with it'

/** Notes on a lead whose cookie follows in a call of its own: while it is owed, and what became of it. */
export const FOLLOWS_NOTE = 'cookie follows in a call of its own'
export const ASSOCIATED_NOTE = 'cookie associated in a call of its own'
export const GIVEN_UP_NOTE = 'cookie not associated: Marketo did not take it'

/** Note on the receipt of a lead that was discarded while its cookie was to follow. */
export const DISCARDED_COOKIE_NOTE = 'cookie not associated: the lead was discarded'

/** Note on the receipt of a lead whose person was erased while its cookie was to follow. */
export const ERASED_COOKIE_NOTE = 'cookie not associated: the person was erased'
