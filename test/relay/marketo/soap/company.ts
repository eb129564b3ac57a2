/** Leads that go in one call, and what Marketo says to such a call. */
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { SoapOptions } from '../../../../relay/marketo/soap/transport.ts'
import type { Verdict } from '../../../../relay/delivery/transport.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'
import { replyOf } from './calls.ts'
import { transportTo } from './samples.ts'

export type Company = readonly [Lead, ...Lead[]]

/** A lead that needs nothing that a call has once. */
export function leadOf(name: string, attributes: Readonly<Record<string, string>>): Lead {
  return {
    id: `5f0c2f64-6f7a-4a7e-9d5b-${name.toLowerCase().padStart(12, '0')}`,
    form: 'contact',
    person: `${name}@acme.example`,
    email: `${name}@acme.example`,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    acceptedAt: 0,
    notes: [],
  }
}

export const ANA = leadOf('ana', { FirstName: 'Ana', Topics__c: 'tides' })
export const BEN = leadOf('ben', { FirstName: 'Ben', Company: 'Moorings & Sons' })
export const EVA = leadOf('eva', { FirstName: 'Eva', Colour__c: 'green', Topics__c: 'winds' })
export const THREE: Company = [ANA, BEN, EVA]

/** So many of them, each someone else. */
export function crowdOf(size: number): Company {
  const [first, ...others] = Array.from({ length: size }, (_, at) => leadOf(`p${at}`, { FirstName: `P${at}` }))
  if (!first) throw new Error('nobody is no company')
  return [first, ...others]
}

export interface Status {
  status: string
  leadId?: string
  error?: string
}

/** A reply to syncMultipleLeads, a status after the other. */
export function statusesOf(...statuses: readonly Status[]): string {
  const list = statuses.map(
    ({ status, leadId = '0', error }) =>
      `<syncStatus><leadId>${xmlText(leadId)}</leadId><status>${xmlText(status)}</status>` +
      (error === undefined ? '<error xsi:nil="true"/></syncStatus>' : `<error>${xmlText(error)}</error></syncStatus>`),
  )
  return replyOf('syncMultipleLeads', `<syncStatusList>${list.join('')}</syncStatusList>`)
}

/** The verdicts when Marketo answers so, and the requests that went out. */
export async function verdictsOn(
  answer: () => Response | Promise<Response>,
  leads: Company = THREE,
  options: Partial<SoapOptions> = {},
): Promise<{ verdicts: Verdict[]; calls: ReturnType<typeof transportTo>['calls'] }> {
  const { transport, calls } = transportTo(answer, options)
  return { verdicts: await transport.deliver(leads), calls }
}
