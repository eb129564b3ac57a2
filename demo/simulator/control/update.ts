/** Answers the requests of `/sim/…` that change something: validates the body first, and applies it as a whole. */
import type { Context } from 'hono'
import type { SimulatorEnv } from '../marketo.ts'
import { readBody } from '../request-body.ts'
import type { InputProblem, Validated } from './validation.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Maximum size of a definition: the answer of Describe Lead of a large account, or some ten thousand people. */
export const MAX_DEFINITION_BYTES = 16 * 1024 * 1024

/** Validates the body, applies it and answers the result; or answers 400 with all problems. */
export async function update<Input>(
  c: Context<SimulatorEnv>,
  read: (text: string) => Validated<Input>,
  apply: (input: Input) => object,
  maxBytes = MAX_BODY_BYTES,
): Promise<Response> {
  const body = await readBody(c.req.raw, maxBytes)
  if (body instanceof Response) return body
  const input = read(body)
  return input.ok ? c.json(apply(input.value)) : badRequest(c, input.errors)
}

export function badRequest(c: Context<SimulatorEnv>, errors: InputProblem[]): Response {
  return c.json({ errors }, 400)
}
