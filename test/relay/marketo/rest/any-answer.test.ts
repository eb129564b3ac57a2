/** Whatever the answer is: a verdict for each lead, no success but a real one, and nothing of Marketo's words. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { leadOf, startMarketo } from './fake.ts'

const WORDS = 'canary value'
const code = fc.constantFrom<unknown>(
  '1001',
  '1006',
  1007,
  '1010',
  '1021',
  '603',
  '604',
  606,
  '611',
  '1999',
  WORDS,
  null,
  -1,
)
const message = fc.constantFrom<unknown>(WORDS, `Field 'FirstName' not found`, `Invalid value '${WORDS}'`, 7, undefined)
const reason = fc.oneof(fc.record({ code, message }), fc.constantFrom<unknown>(WORDS, null, 7, []))
const reasons = fc.oneof(fc.array(reason, { maxLength: 3 }), fc.constantFrom<unknown>(undefined, null, WORDS, {}))
const entry = fc.oneof(
  fc.record({
    id: fc.constantFrom<unknown>(700_123, '700123', 0, -1, 1.5, WORDS, null, undefined),
    status: fc.constantFrom<unknown>('created', 'updated', 'skipped', 'CREATED', WORDS, null, undefined, 7),
    reasons,
  }),
  fc.jsonValue(),
)
const envelope = fc.record({
  success: fc.constantFrom<unknown>(true, true, true, false, 'true', undefined),
  result: fc.oneof(fc.array(entry, { minLength: 2, maxLength: 2 }), fc.array(entry, { maxLength: 3 }), fc.jsonValue()),
  errors: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>(undefined, []) },
    { weight: 1, arbitrary: reasons },
  ),
})
const text = fc.oneof(
  { weight: 8, arbitrary: envelope.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
)
const status = fc.constantFrom(200, 200, 200, 200, 201, 400, 401, 404, 413, 429, 500, 502)

/** Returns whether an entry of a result is a success, by the rule as the contract states it. */
function isSuccess(value: unknown): boolean {
  const { id, status, reasons } = (value ?? {}) as { id?: unknown; status?: unknown; reasons?: unknown }
  const isReasonless = reasons === undefined || reasons === null || (Array.isArray(reasons) && reasons.length === 0)
  return (status === 'created' || status === 'updated') && (id === 700_123 || id === '700123') && isReasonless
}

it('any answer gives a verdict for each lead, a success only to those that have one, and tells no words', async () => {
  const leads = ['ana', 'ben'].map((name) => leadOf(name, { attributes: [{ name: 'FirstName', value: WORDS }] }))

  await fc.assert(
    fc.asyncProperty(text, status, async (body, code) => {
      const { transport } = startMarketo({ answer: () => new Response(body, { status: code }) })

      const verdicts = await transport.deliver(leads)

      expect(verdicts).toHaveLength(2)
      expect(JSON.stringify(verdicts)).not.toContain(WORDS)
      const delivered = verdicts.map(({ kind }) => kind === 'delivered')
      if (!delivered.includes(true)) return
      const { success, result } = JSON.parse(body) as { success: unknown; result: unknown[] }
      expect([success, result.length, code < 300]).toEqual([true, 2, true])
      expect(delivered).toEqual(result.map(isSuccess))
    }),
    { numRuns: 1_000 },
  )
})

it('any answer to a submission gives a verdict, a success only to one that is, and a doubt where it may be one', async () => {
  const lead = leadOf('ana', { marketoForm: 1029, attributes: [{ name: 'FirstName', value: WORDS }] })
  const entries = fc.array(entry, { maxLength: 2 })
  const answer = fc.record({ success: fc.constantFrom<unknown>(true, true, true, false, 'true'), result: entries })

  await fc.assert(
    fc.asyncProperty(answer, fc.constantFrom(200, 200, 400, 500), async ({ success, result }, code) => {
      const { transport } = startMarketo({ answer: () => Response.json({ success, result }, { status: code }) })

      const [verdict] = await transport.deliver([lead])

      expect(JSON.stringify(verdict)).not.toContain(WORDS)
      const isDone = success === true && code === 200 && result.length === 1 && isSuccess(result[0])
      expect(verdict?.kind === 'delivered').toBe(isDone)
      const statuses = result.map((each) => (each as { status?: unknown } | null)?.status)
      const mayBeDone =
        success === true && code === 200 && statuses.some((each) => each === 'created' || each === 'updated')
      if (!isDone && mayBeDone && verdict?.kind === 'failed') expect(verdict.arrived).toBe('maybe')
    }),
    { numRuns: 500 },
  )
})
