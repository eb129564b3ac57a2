/** Leads of one person are sent as they were accepted: none is merged into another one. */
import { expect, it } from 'vitest'
import type { Attribute, Lead } from '../../../relay/intake/lead.ts'
import { LIMITS } from '../../../relay/outbox/limits/limits.ts'
import { lead, SECOND, T } from '../outbox/leads.ts'
import { DELIVERED, startMarketo, stored } from './marketo.ts'
import type { OpenEmpty } from './suite.ts'

/** Creates a lead of one person from a form with constants of its own. */
function fromForm(form: string, constants: Readonly<Record<string, string>>): Lead {
  const attributes: Attribute[] = [
    { name: 'FirstName', value: 'Ana' },
    ...Object.entries(constants).map(([name, value]) => ({ name, value })),
  ]
  return lead(`from-${form}`, { form, email: 'ana@example.com', attributes })
}

const CONTACT = fromForm('contact', { LeadSource: 'Contact page', Campaign__c: 'Always on' })
const EVENT = fromForm('event', { LeadSource: 'Trade fair', Event__c: 'Oslo 2026' })

export function twoForms(open: OpenEmpty): void {
  it.each([1, 300])(
    'two forms of one person: both constants reach Marketo (%i leads in a call)',
    async (leadsPerCall) => {
      const limits = { ...LIMITS, leadsPerCall }
      const outbox = await open(limits)
      await outbox.add([CONTACT, EVENT, lead('other')], T)
      const { writes, runUntil } = startMarketo(outbox, limits, () => stored())

      await runUntil(T + 60 * SECOND)

      const written = writes.map((write) => write.lead).filter(({ email }) => email === CONTACT.email)
      expect(written).toStrictEqual([CONTACT, EVENT])
      expect(await outbox.status(T)).toMatchObject({ waiting: 0, delivered: 3 })
    },
  )

  it('two forms of one person: both constants reach Marketo when the first lead has to be sent again', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([CONTACT, EVENT], T)
    let calls = 0
    const { writes, runUntil } = startMarketo(outbox, LIMITS, () => {
      calls += 1
      if (calls > 1) return stored()
      return {
        verdicts: [{ kind: 'failed', fault: 'lead', arrived: 'yes', reason: '10001', maxAttempts: 20 }],
        afterMs: SECOND,
      }
    })

    await runUntil(T + 60 * SECOND)

    expect(writes.map((write) => write.lead)).toStrictEqual([CONTACT, EVENT])
  })

  it('two forms of one person: both constants reach Marketo when it does not know one of them', async () => {
    const outbox = await open(LIMITS)
    await outbox.add([CONTACT, EVENT], T)
    const { writes, runUntil } = startMarketo(outbox, LIMITS, ({ leads }) => {
      const unknown = leads.some(({ attributes }) => attributes.some(({ name }) => name === 'Campaign__c'))
      return unknown
        ? { verdicts: [{ kind: 'rejected', attributes: ['Campaign__c'], reason: '20105' }], afterMs: SECOND }
        : { verdicts: [DELIVERED], afterMs: SECOND }
    })

    await runUntil(T + 60 * SECOND)

    const known = CONTACT.attributes.filter(({ name }) => name !== 'Campaign__c')
    expect(writes.map((write) => write.lead)).toStrictEqual([{ ...CONTACT, attributes: known }, EVENT])
  })
}
