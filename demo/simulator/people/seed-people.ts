/** Adds known people who were there before the first call. Checks no value. */
import { readCookie } from './cookie.ts'
import type { People } from './people.ts'
import { defaultWorkspace, findWorkspace, type Workspaces } from './workspaces.ts'

export interface SeedPerson {
  email: string
  /** By SOAP API name. */
  attributes?: Readonly<Record<string, string>>
  /** Values of the Munchkin cookie. One that is none is left out. */
  cookies?: readonly string[]
  workspace?: string
}

/** @param at epoch milliseconds */
export function seedPeople(people: People, seeds: readonly SeedPerson[], workspaces: Workspaces, at: number): void {
  for (const { email, attributes = {}, cookies = [], workspace } of seeds) {
    const person = people.add(at)
    const place = findWorkspace(workspaces, workspace) ?? defaultWorkspace(workspaces)
    person.known = true
    person.workspace = place.name
    person.partition = place.partition
    people.setEmail(person, email)
    for (const [name, value] of Object.entries(attributes)) if (value !== '') person.attributes.set(name, value)
    for (const cookie of cookies.flatMap((value) => readCookie(value) ?? [])) people.assignCookie(person, cookie)
  }
}
