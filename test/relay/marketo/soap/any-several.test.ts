import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crowdOf, statusesOf, verdictsOn, type Status } from './company.ts'

/** Any status of one lead, also one that Marketo never sends. */
const anyStatus: fc.Arbitrary<Status> = fc.record(
  {
    status: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('CREATED', 'UPDATED', 'FAILED') },
      { weight: 1, arbitrary: fc.constantFrom('SKIPPED', 'created', 'CREATED UPDATED', 'x') },
    ),
    leadId: fc.constantFrom('700123', '1', '0', '-1', '', 'x', '2147483647'),
    error: fc.constantFrom('', 'Lead could not be saved', 'p0@acme.example is taken', 'P1', 'CREATED', '</error>&'),
  },
  { requiredKeys: ['status'] },
)

const anyStatuses = fc.array(anyStatus, { minLength: 2, maxLength: 12 })

const isDelivered = ({ status, leadId = '' }: Status) =>
  (status === 'CREATED' || status === 'UPDATED') && /^[1-9][0-9]*$/.test(leadId)

describe('the statuses of a reply', () => {
  it('each decide the verdict of one lead, whatever the others say', async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, anyStatuses, fc.nat(), async (statuses, others, pick) => {
        const at = pick % Math.min(statuses.length, others.length)
        const own = statuses[at]
        if (!own) throw new Error('no such status')
        const elsewhere = others.with(at, own)

        const here = await verdictsOn(() => new Response(statusesOf(...statuses)), crowdOf(statuses.length))
        const there = await verdictsOn(() => new Response(statusesOf(...elsewhere)), crowdOf(elsewhere.length))

        expect(here.verdicts).toHaveLength(statuses.length)
        expect(here.verdicts[at]).toEqual(there.verdicts[at])
        expect(here.verdicts.map(({ kind }) => kind === 'delivered')).toEqual(statuses.map(isDelivered))
        expect(here.verdicts[at]).toEqual(
          isDelivered(own)
            ? { kind: 'delivered', leadId: Number(own.leadId) }
            : expect.objectContaining({ kind: 'failed', fault: 'lead' }),
        )
      }),
    )
  })

  it('are not read when there are more or fewer than leads', async () => {
    const size = fc.integer({ min: 2, max: 12 })
    await fc.assert(
      fc.asyncProperty(size, fc.array(anyStatus, { maxLength: 14 }), async (size, statuses) => {
        fc.pre(statuses.length !== size)

        const { verdicts } = await verdictsOn(() => new Response(statusesOf(...statuses)), crowdOf(size))

        expect(verdicts).toHaveLength(size)
        for (const verdict of verdicts) {
          expect(verdict).toMatchObject({ kind: 'failed', reason: expect.stringContaining('not a reply to') as string })
        }
      }),
    )
  })

  it('put no address and no value of a lead in a reason', async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, async (statuses) => {
        const crowd = crowdOf(statuses.length)
        const quoting = statuses.map((status, at) => ({ ...status, error: `about ${crowd[at]?.email}, P${at}` }))

        const { verdicts } = await verdictsOn(() => new Response(statusesOf(...quoting)), crowd)

        expect(JSON.stringify(verdicts)).not.toMatch(/acme|about|P[0-9]/)
      }),
    )
  })
})
