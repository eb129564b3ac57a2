/** `/sim/…`: for people and tests. What it tells are the shapes of `view.ts`; what it takes is checked before. */
import { Hono, type Context } from 'hono'
import { readBody } from '../request-body.ts'
import type { Carried, Marketo } from '../marketo.ts'
import { personView } from '../people/person.ts'
import type { Settings } from '../settings.ts'
import type { Checked, InputProblem } from './validation.ts'
import { readFaultsInput } from './faults-input.ts'
import { readCallsQuery, readLimitsInput, readStrictInput, readWorkspacesInput } from './input.ts'

/** So many calls has a page when nothing is said. */
const PAGE = 1_000

/** In bytes; far more than there is to say. */
const LARGEST = 64 * 1024

export function simRoutes(marketo: Marketo): Hono<Carried> {
  const { people, lists, campaigns, calls, limits, faults, settings, events } = marketo
  const app = new Hono<Carried>()
  app.get('/sim/leads', (c) => c.json(people.all().map(personView)))
  app.get('/sim/calls', (c) => {
    const query = readCallsQuery(c.req.query())
    if (!query.ok) return refuse(c, query.errors)
    const { after, limit, records = false } = query.value
    if (after !== undefined || limit !== undefined) return c.json(calls.page(after ?? 0, limit ?? PAGE, records))
    return c.json(records ? calls.list().map((line) => calls.withRecords(line)) : calls.list())
  })
  app.get('/sim/calls/:number', (c) => {
    const number = c.req.param('number')
    if (!/^[1-9]\d{0,15}$/.test(number))
      return refuse(c, [{ field: 'number', message: 'must be the number of a call' }])
    const call = calls.find(Number(number))
    return call ? c.json(call) : c.json({ errors: [{ field: 'number', message: 'no such call is kept' }] }, 404)
  })

  app.get('/sim/lists', (c) => c.json(lists.view()))
  app.get('/sim/campaigns', (c) => c.json(campaigns.view()))

  app.get('/sim/limits', (c) => c.json(limits.view()))
  app.post('/sim/limits', (c) =>
    take(c, readLimitsInput, (input) => {
      limits.set(input)
      events.publish('limits', () => limits.view())
      return limits.view()
    }),
  )

  const changeSettings = (changed: Partial<Settings>): void => {
    settings.set(changed)
    events.publish('settings', () => settings.now)
  }
  const readWorkspaces = (text: string): ReturnType<typeof readWorkspacesInput> =>
    readWorkspacesInput(text, marketo.rules.fields)
  app.get('/sim/workspaces', (c) => c.json(workspacesView(settings.now)))
  app.post('/sim/workspaces', (c) =>
    take(c, readWorkspaces, (input) => {
      changeSettings(input)
      return workspacesView(settings.now)
    }),
  )
  app.get('/sim/strict', (c) => c.json(strictView(settings.now)))
  app.post('/sim/strict', (c) =>
    take(c, readStrictInput, (input) => {
      changeSettings(input)
      return strictView(settings.now)
    }),
  )

  app.get('/sim/faults', (c) => c.json(faults.list()))
  app.post('/sim/faults', (c) =>
    take(c, readFaultsInput, ({ faults: asked, seed }) => {
      if (seed !== undefined) faults.seed(seed)
      for (const fault of asked) faults.ask(fault)
      return faults.list()
    }),
  )
  app.delete('/sim/faults', (c) => {
    faults.clear()
    return c.json(faults.list())
  })

  app.post('/sim/reset', (c) => {
    for (const kept of [people, lists, campaigns, calls, limits, faults, settings]) kept.clear()
    events.publish('reset', () => ({}))
    return c.json({ ok: true })
  })
  return app
}

/** Answers what `act` makes of the body, or all that is wrong with it. */
async function take<Input>(
  c: Context<Carried>,
  read: (text: string) => Checked<Input>,
  act: (input: Input) => object,
): Promise<Response> {
  const body = await readBody(c.req.raw, LARGEST)
  if (body instanceof Response) return body
  const input = read(body)
  return input.ok ? c.json(act(input.value)) : refuse(c, input.errors)
}

function workspacesView({ workspaces, rules }: Settings): Pick<Settings, 'workspaces' | 'rules'> {
  return { workspaces, rules }
}

function strictView({ strict }: Settings): Pick<Settings, 'strict'> {
  return { strict }
}

function refuse(c: Context<Carried>, errors: InputProblem[]): Response {
  return c.json({ errors }, 400)
}
