/** The description of `<form-sync>` for editors, compared with what the docs and the types say. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { customElements } from '../../.ci/custom-elements.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Named {
  name: string
  description: string
}

type Declaration = Record<'attributes' | 'members' | 'events' | 'slots' | 'cssParts' | 'cssProperties', Named[]>

const { modules } = customElements(read('widget/form-sync.ts')) as {
  modules: { declarations: (Declaration & { tagName: string })[] }[]
}
const [element] = modules[0]!.declarations
const docs = read('docs/widget.md')

/** Returns the names of the code spans in the first column of a table. */
const rowsOf = (heading: string): string[] =>
  [
    ...docs
      .split(`## ${heading}\n`)[1]!
      .split('\n## ')[0]!
      .matchAll(/^\| (.*?) \|/gm),
  ].flatMap(([, cell]) => Array.from(cell!.matchAll(/`([^`]+)`/g), ([, name]) => name!))

it('the description for editors has the attributes and properties that the docs list', () => {
  const documented = rowsOf('Slots, attributes, properties').map((name) => name.replace(/=.*/, ''))
  const described = new Set([...element!.attributes, ...element!.members, ...element!.slots].map(({ name }) => name))

  // The first of the texts stands for all.
  const missing = documented.filter((name) => !described.has(name.replace(/^message-.*/, 'message-sending')))

  expect(element!.tagName).toBe('form-sync')
  expect(missing).toEqual([])
})

it('the description for editors has the methods and events that the docs list, and no others', () => {
  const methods = rowsOf('Methods').map((name) => name.replace(/\(.*/, ''))
  const members = new Set(element!.members.map(({ name }) => name))

  expect(methods.filter((name) => !members.has(name))).toEqual([])
  expect(element!.events.map(({ name }) => name)).toEqual([
    ...new Set(
      read('widget/events.ts')
        .match(/'form-sync-\w+'/g)!
        .map((name) => name.slice(1, -1)),
    ),
  ])
})

it('the description for editors says what each name means, and has no member of the inside', () => {
  const described = [element!.attributes, element!.members, element!.events, element!.slots, element!.cssParts].flat()

  expect(described.filter(({ description }) => !/\w{3}/.test(description))).toEqual([])
  expect(
    element!.members.map(({ name }) => name).filter((name) => /^(globals|handleEvent|takeForm)$/.test(name)),
  ).toEqual([])
})

it('the parts that a page can style are those that the widget makes', () => {
  const made = [...read('widget/view/shadow-tree.ts').matchAll(/part\('(\w+)'\)/g)].map(([, name]) => name!)

  expect(element!.cssParts.map(({ name }) => name).toSorted()).toEqual([...new Set(made)].toSorted())
})
