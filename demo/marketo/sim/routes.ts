/** `/sim/…`: for people and tests. What it tells are the shapes of `view.ts`; what it takes is checked in `input.ts`. */
import { Hono, type Context } from 'hono'
import { readBody } from '../body.ts'
import type { Carried, Marketo } from '../marketo.ts'
import { personView } from '../people/person.ts'
import { readFaultInput, readLimitsInput, type InputProblem } from './input.ts'

/** In bytes; far more than there is to say. */
const LARGEST = 64 * 1024

export function simRoutes({ people, calls, limits, faults, events }: Marketo): Hono<Carried> {
  const app = new Hono<Carried>()
  app.get('/sim/leads', (c) => c.json(people.all().map(personView)))
  app.get('/sim/calls', (c) => c.json(calls.list()))
  app.get('/sim/calls/:number', (c) => {
    const number = c.req.param('number')
    if (!/^[1-9]\d{0,15}$/.test(number))
      return refuse(c, [{ field: 'number', message: 'must be the number of a call' }])
    const call = calls.find(Number(number))
    return call ? c.json(call) : c.json({ errors: [{ field: 'number', message: 'no such call is kept' }] }, 404)
  })

  app.get('/sim/limits', (c) => c.json(limits.view()))
  app.post('/sim/limits', async (c) => {
    const body = await readBody(c.req.raw, LARGEST)
    if (body instanceof Response) return body
    const input = readLimitsInput(body)
    if (!input.ok) return refuse(c, input.errors)
    limits.set(input.value)
    events.publish('limits', () => limits.view())
    return c.json(limits.view())
  })

  app.get('/sim/faults', (c) => c.json(faults.list()))
  app.post('/sim/faults', async (c) => {
    const body = await readBody(c.req.raw, LARGEST)
    if (body instanceof Response) return body
    const input = readFaultInput(body)
    if (!input.ok) return refuse(c, input.errors)
    faults.ask(input.value)
    return c.json(faults.list())
  })
  app.delete('/sim/faults', (c) => {
    faults.clear()
    return c.json(faults.list())
  })

  app.post('/sim/reset', (c) => {
    for (const kept of [people, calls, limits, faults]) kept.clear()
    events.publish('reset', () => ({}))
    return c.json({ ok: true })
  })
  return app
}

function refuse(c: Context<Carried>, errors: InputProblem[]): Response {
  return c.json({ errors }, 400)
}
