/** Serves `/sim/…`, where people and tests inspect and configure the simulator. Answers in the shapes of `view.ts`. */
import { Hono, type Context } from 'hono'
import { readBody } from '../request-body.ts'
import type { Marketo, SimulatorEnv } from '../marketo.ts'
import { personView } from '../people/person.ts'
import type { Settings } from '../settings.ts'
import { readFaultsInput } from './faults-input.ts'
import { readCallsQuery, readFormsInput, readLimitsInput, readStrictInput, readWorkspacesInput } from './input.ts'
import type { InputProblem, Validated } from './validation.ts'

/** Number of calls on a page if the query has no `limit`. */
const DEFAULT_PAGE_CALLS = 1_000

const MAX_BODY_BYTES = 64 * 1024

export function controlRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const { people, lists, campaigns, calls, limits, faults, settings, events } = marketo
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
  app.get('/sim/calls/:number', (c) => {
    const number = c.req.param('number')
    if (!/^[1-9]\d{0,15}$/.test(number))
      return badRequest(c, [{ field: 'number', message: 'must be the number of a call, from 1' }])
    const call = calls.find(Number(number))
    return call
      ? c.json(call)
      : c.json({ errors: [{ field: 'number', message: 'is not the number of a stored call' }] }, 404)
  })

  app.get('/sim/lists', (c) => c.json(lists.view()))
  app.get('/sim/campaigns', (c) => c.json(campaigns.view()))

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
  app.get('/sim/workspaces', (c) => c.json(workspacesView(settings.current)))
  app.post('/sim/workspaces', (c) =>
    update(c, readWorkspaces, (input) => {
      changeSettings(input)
      return workspacesView(settings.current)
    }),
  )
  app.get('/sim/forms', (c) => c.json(settings.current.forms))
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
    for (const store of [people, lists, campaigns, calls, limits, faults, settings]) store.clear()
    events.publish('reset', () => ({}))
    return c.json({ ok: true })
  })
  return app
}

/** Validates the body, applies it and answers the result; or answers 400 with all problems. */
async function update<Input>(
  c: Context<SimulatorEnv>,
  read: (text: string) => Validated<Input>,
  apply: (input: Input) => object,
): Promise<Response> {
  const body = await readBody(c.req.raw, MAX_BODY_BYTES)
  if (body instanceof Response) return body
  const input = read(body)
  return input.ok ? c.json(apply(input.value)) : badRequest(c, input.errors)
}

function workspacesView({ workspaces, rules }: Settings): Pick<Settings, 'workspaces' | 'rules'> {
  return { workspaces, rules }
}

function strictView({ strict }: Settings): Pick<Settings, 'strict'> {
  return { strict }
}

function badRequest(c: Context<SimulatorEnv>, errors: InputProblem[]): Response {
  return c.json({ errors }, 400)
}
