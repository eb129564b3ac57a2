/** A cookie that Marketo rejected, among the rejected attributes of a job. Pure. */

/** Stands for the cookie in a list of rejected attributes. No attribute has a name with a space. */
export const REJECTED_COOKIE = 'Munchkin cookie'

/** Note on a lead that was delivered without its cookie. */
export const COOKIE_NOTE = 'cookie left out: Marketo refused the lead with it'
