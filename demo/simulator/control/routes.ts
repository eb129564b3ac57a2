/** Serves `/sim/…`, where people and tests inspect and configure the simulator. Answers in the shapes of `view.ts`. */
import { Hono } from 'hono'
import { publishPeople, type Marketo, type SimulatorEnv } from '../marketo.ts'
import { personView } from '../people/person.ts'
import type { Settings } from '../settings.ts'
import { harOf } from './har.ts'
import { definitionRoutes } from './definition-routes.ts'
import { readFaultsInput } from './faults-input.ts'
import { readCallsQuery, readFormsInput, readLimitsInput, readStrictInput, readWorkspacesInput } from './input.ts'
import { badRequest, update } from './update.ts'

/** Number of calls on a page if the query has no `limit`. */
const DEFAULT_PAGE_CALLS = 1_000

/** @param seed adds the people who are there at the start */
export function controlRoutes(marketo: Marketo, seed: () => void): Hono<SimulatorEnv> {
  const { people, lists, campaigns, activities, calls, limits, faults, settings, events } = marketo
  const app = new Hono<SimulatorEnv>()
  app.get('/sim/leads', (c) => c.json(people.all().map(personView)))
  app.get('/sim/calls', (c) => {
    const query = readCallsQuery(c.req.query())
    if (!query.ok) return badRequest(c, query.errors)
    const { after, limit, records = false } = query.value
    if (after !== undefined || limit !== undefined)
      return c.json(calls.page(after ?? 0, limit ?? DEFAULT_PAGE_CALLS, records))
    return c.json(records ? calls.list().map((line) => calls.withRecords(line)) : calls.list())
  })
  app.get('/sim/calls.har', (c) => {
    const stored = calls.list().flatMap(({ number }) => calls.find(number) ?? [])
    return c.json(harOf(stored, new URL(c.req.url).origin))
  })
  app.get('/sim/calls/:number', (c) => {
    const number = c.req.param('number')
    if (!/^[1-9]\d{0,15}$/.test(number))
      return badRequest(c, [{ field: 'number', message: 'must be the number of a call, from 1' }])
    const call = calls.find(Number(number))
    return call
      ? c.json(call)
      : c.json({ errors: [{ field: 'number', message: 'is not the number of a stored call' }] }, 404)
  })

  app.get('/sim/limits', (c) => c.json(limits.view()))
  app.post('/sim/limits', (c) =>
    update(c, readLimitsInput, (input) => {
      limits.set(input)
      events.publish('limits', () => limits.view())
      return limits.view()
    }),
  )

  const changeSettings = (changed: Partial<Settings>): void => {
    settings.set(changed)
    events.publish('settings', () => settings.current)
  }
  const readWorkspaces = (text: string): ReturnType<typeof readWorkspacesInput> =>
    readWorkspacesInput(text, marketo.rules.fields)
  app.post('/sim/workspaces', (c) =>
    update(c, readWorkspaces, (input) => {
      changeSettings(input)
      return workspacesView(settings.current)
    }),
  )
  app.post('/sim/forms', (c) =>
    update(
      c,
      (text) => readFormsInput(text, marketo.rules.fields),
      (input) => {
        changeSettings(input)
        return [...settings.current.forms]
      },
    ),
  )
  app.get('/sim/strict', (c) => c.json(strictView(settings.current)))
  app.post('/sim/strict', (c) =>
    update(c, readStrictInput, (input) => {
      changeSettings(input)
      return strictView(settings.current)
    }),
  )

  app.get('/sim/faults', (c) => c.json(faults.list()))
  app.post('/sim/faults', (c) =>
    update(c, readFaultsInput, ({ faults: requested, seed }) => {
      if (seed !== undefined) faults.seed(seed)
      for (const fault of requested) faults.add(fault)
      return faults.list()
    }),
  )
  app.delete('/sim/faults', (c) => {
    faults.clear()
    return c.json(faults.list())
  })

  app.post('/sim/reset', (c) => {
    for (const store of [people, lists, campaigns, activities, calls, limits, faults, settings]) store.clear()
    events.publish('reset', () => ({}))
    seed()
    publishPeople(marketo)
    return c.json({ ok: true })
  })
  app.route('/', definitionRoutes(marketo))
  return app
}

function workspacesView({ workspaces, rules }: Settings): Pick<Settings, 'workspaces' | 'rules'> {
  return { workspaces, rules }
}

function strictView({ strict }: Settings): Pick<Settings, 'strict'> {
  return { strict }
}
