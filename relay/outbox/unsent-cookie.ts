/** The cookie of a job among its attributes that are not sent: rejected by Marketo, or stale. Pure. */

/** Stands for the cookie in a list of rejected or of stale attributes. No attribute has a name with a space. */
export const UNSENT_COOKIE = 'Munchkin cookie'

/** Notes on a lead that was delivered without its cookie. */
export const COOKIE_NOTE = 'cookie left out: Marketo refused the lead with it'
export const STALE_COOKIE_NOTE = 'cookie left out: a later lead of the same visitor was delivered with it'
