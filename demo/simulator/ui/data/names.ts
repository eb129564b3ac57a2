/** Formats names of people and pages, and counts. Pure. */
import type { PersonView } from '../../view.ts'

/** Returns a person's name. An anonymous visitor is "Visitor" with the last four characters of the cookie. */
export function nameOf(person: PersonView): string {
  if (!person.known) return visitorName(person)
  const { FirstName = '', LastName = '' } = person.attributes
  return `${FirstName} ${LastName}`.trim() || person.email || `Lead ${person.id}`
}

/** Returns a name such as `Visitor 7f3a`, which stays the same while the visitor's first cookie does. */
function visitorName(person: PersonView): string {
  return `Visitor ${person.cookies[0]?.slice(-4) ?? person.id}`
}

/** Returns path and query of a URL. Returns any other text unchanged. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** Returns the page's title without the site's name (`Pricing` of `Pricing – Tidewater`), or the path without a title. */
export function pageName(visit: { url: string; title?: string }): string {
  const title = visit.title?.split(/ [–—|·] /)[0]?.trim()
  return title || pathOf(visit.url)
}

/** Formats a count: `1 visit`, `3 visits`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}
