/**
 * Serves what an account has: fields, lists, campaigns, people, workspaces and forms, each with GET, PUT and DELETE. PUT
 * takes the place of all; DELETE returns to what was there at the start, and forgets all people.
 */
import { Hono } from 'hono'
import type { Marketo, SimulatorEnv } from '../marketo.ts'
import { importFields } from '../people/import-fields.ts'
import { personView } from '../people/person.ts'
import { seedPeople, type SeedPerson } from '../people/seed-people.ts'
import type { Settings } from '../settings.ts'
import type { PersonView } from '../view.ts'
import { readCampaigns, readFields, readLists, readPeople, unknownAttributes } from './definitions-input.ts'
import { readFormsInput, readWorkspacesInput } from './input.ts'
import { MAX_DEFINITION_BYTES, update } from './update.ts'
import { readObject, validateBody, type FieldReaders, type Validated } from './validation.ts'

/** A part of the settings, as a body sets it and an answer returns it. */
interface Definition {
  path: string
  settings: readonly (keyof Settings)[]
  read: (text: string, marketo: Marketo) => Validated<Partial<Settings>>
  view: (marketo: Marketo) => object
}

const DEFINITIONS: readonly Definition[] = [
  {
    path: '/sim/fields',
    settings: ['fields'],
    read: readFieldsInput,
    view: ({ settings }) => [...settings.current.fields],
  },
  {
    path: '/sim/lists',
    settings: ['lists'],
    read: (text) => readOne(text, { lists: readLists }),
    view: ({ lists }) => lists.view(),
  },
  {
    path: '/sim/campaigns',
    settings: ['campaigns'],
    read: (text) => readOne(text, { campaigns: readCampaigns }),
    view: ({ campaigns }) => campaigns.view(),
  },
  {
    path: '/sim/workspaces',
    settings: ['workspaces', 'rules'],
    read: (text, { rules }) => readWorkspacesInput(text, rules.fields),
    view: ({ settings: { current } }) => ({ workspaces: current.workspaces, rules: current.rules }),
  },
  {
    path: '/sim/forms',
    settings: ['forms'],
    read: (text, { rules }) => readFormsInput(text, rules.fields),
    view: ({ settings }) => [...settings.current.forms],
  },
]

export function definitionRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const { settings, events, people } = marketo
  const app = new Hono<SimulatorEnv>()
  for (const { path, settings: names, read, view } of DEFINITIONS) {
    app.get(path, (c) => c.json(view(marketo)))
    app.put(path, (c) =>
      update(
        c,
        (text) => read(text, marketo),
        (input) => {
          settings.set(input)
          events.publish('settings', () => settings.current)
          return view(marketo)
        },
        MAX_DEFINITION_BYTES,
      ),
    )
    app.delete(path, (c) => {
      settings.restoreInitial(names)
      events.publish('settings', () => settings.current)
      return c.json(view(marketo))
    })
  }

  const replacePeople = (seeds: readonly SeedPerson[]): PersonView[] => {
    people.clear()
    seedPeople(people, seeds, settings.current.workspaces, marketo.now())
    people.takeChanged()
    const views = people.all().map(personView)
    events.publish('people', () => views)
    return views
  }
  app.get('/sim/people', (c) => c.json(people.all().map(personView)))
  app.put('/sim/people', (c) =>
    update(c, (text) => readPeopleInput(text, marketo), replacePeople, MAX_DEFINITION_BYTES),
  )
  app.delete('/sim/people', (c) => c.json(replacePeople([])))
  return app
}

function readOne(text: string, readers: FieldReaders): Validated<Partial<Settings>> {
  return validateBody(text, readers, Object.keys(readers))
}

/** Reads `{ fields }`, the answer of Describe Lead, or a forms file. */
function readFieldsInput(text: string): Validated<Partial<Settings>> {
  const imported = importFields(readObject(text) ?? {})
  return imported
    ? readOne(JSON.stringify({ fields: imported }), { fields: readFields })
    : readOne(text, { fields: readFields })
}

function readPeopleInput(text: string, { rules }: Marketo): Validated<readonly SeedPerson[]> {
  const read = validateBody<{ people: SeedPerson[] }>(text, { people: readPeople }, ['people'])
  if (!read.ok) return read
  const errors = unknownAttributes(read.value.people, rules.fields)
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: read.value.people }
}
