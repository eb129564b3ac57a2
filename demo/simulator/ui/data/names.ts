/** What people and pages are called. Pure. */
import type { PersonView } from '../../view.ts'

/** A person's name; before anybody knows it, "Visitor" and the last four characters of the cookie. */
export function nameOf(person: PersonView): string {
  if (!person.known) return visitorName(person)
  const { FirstName = '', LastName = '' } = person.attributes
  return `${FirstName} ${LastName}`.trim() || person.email || `Lead ${person.id}`
}

/** `Visitor 7f3a`: the same as long as the visitor keeps the cookie that they came with. */
function visitorName(person: PersonView): string {
  return `Visitor ${person.cookies[0]?.slice(-4) ?? person.id}`
}

/** An address as it is read in a list: path and query. What is no address is shown as it came. */
export function pathOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** The page's title without the site's name behind it (`Pricing – Tidewater`); the path where there is none. */
export function pageName(visit: { url: string; title?: string }): string {
  const title = visit.title?.split(/ [–—|·] /)[0]?.trim()
  return title || pathOf(visit.url)
}

/** `1 visit`, `3 visits`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}
