import { describe, expect, it } from 'vitest'
import { createAuditLog, createRecorder, type RequestedAct } from '../../../relay/admin/audit-log.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'

const DISCARD: RequestedAct = { kind: 'discard', selector: { form: 'contact' }, reason: 'a flood', by: 'bo' }

/** Records an act whose steps have changed these numbers of leads. */
async function record(act: RequestedAct, actor = {}, ...steps: number[]) {
  const outbox = createMemoryOutbox()
  const recorder = createRecorder(outbox, { via: 'command', ...actor }, () => NOW)
  for (const leads of steps) {
    await recorder.record(
      act,
      async () => leads,
      (changed) => changed,
    )
  }
  return (await createAuditLog(outbox).list(10)).acts
}

describe('the record of an act', () => {
  it('is one for all steps of a bulk act, with the sum of their leads', async () => {
    expect(await record(DISCARD, {}, 5_000, 5_000, 12)).toMatchObject([{ kind: 'discard', leads: 10_012 }])
  })

  it('is another one for another act', async () => {
    const outbox = createMemoryOutbox()
    const recorder = createRecorder(outbox, { via: 'command' }, () => NOW)
    const step = async (form: string) =>
      recorder.record(
        { ...DISCARD, selector: { form } },
        async () => 1,
        (changed) => changed,
      )
    for (const form of ['contact', 'demo', 'contact']) await step(form)

    const { acts } = await createAuditLog(outbox).list(10)

    expect(acts.map(({ selector, leads }) => [selector.form, leads])).toEqual([
      ['contact', 1],
      ['demo', 1],
      ['contact', 1],
    ])
  })

  it.each([
    ['of the token, whatever the request says', { by: 'ana' }, 'ana'],
    ['of the request, where the token has none', {}, 'bo'],
  ])('has the name %s', async (_, actor, by) => {
    expect(await record(DISCARD, actor, 1)).toMatchObject([{ by }])
  })

  it('has the account to which it was restricted', async () => {
    expect(await record(DISCARD, { account: 'sandbox' }, 1)).toMatchObject([
      { selector: { form: 'contact', account: 'sandbox' } },
    ])
  })
})
