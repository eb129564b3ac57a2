/** Leads that are sent in one call, and replies to such a call. */
import type { Lead } from '../../../../relay/intake/lead.ts'
import type { SoapOptions } from '../../../../relay/marketo/soap/transport.ts'
import type { Verdict } from '../../../../relay/delivery/transport.ts'
import { xmlText } from '../../../../relay/marketo/soap/xml/escape.ts'
import { replyOf } from './calls.ts'
import { transportTo } from './samples.ts'

export type Company = readonly [Lead, ...Lead[]]

/** Creates a lead without cookie and workspace, which can share a call. */
export function leadOf(name: string, attributes: Readonly<Record<string, string>>): Lead {
  return {
    id: `5f0c2f64-6f7a-4a7e-9d5b-${name.toLowerCase().padStart(12, '0')}` as Lead['id'],
    form: 'contact',
    person: `${name}@acme.example` as Lead['person'],
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

/** Creates `size` leads of different people. */
export function crowdOf(size: number): Company {
  const [first, ...others] = Array.from({ length: size }, (_, at) => leadOf(`p${at}`, { FirstName: `P${at}` }))
  if (!first) throw new Error('the size must be at least 1')
  return [first, ...others]
}

export interface Status {
  status: string
  leadId?: string
  error?: string
}

/** Writes a reply to syncMultipleLeads with these statuses. */
export function statusesOf(...statuses: readonly Status[]): string {
  const list = statuses.map(
    ({ status, leadId = '0', error }) =>
      `<syncStatus><leadId>${xmlText(leadId)}</leadId><status>${xmlText(status)}</status>` +
      (error === undefined ? '<error xsi:nil="true"/></syncStatus>' : `<error>${xmlText(error)}</error></syncStatus>`),
  )
  return replyOf('syncMultipleLeads', `<syncStatusList>${list.join('')}</syncStatusList>`)
}

/** Delivers the leads to a Marketo that answers so; returns the verdicts and the calls. */
export async function verdictsOn(
  answer: () => Response | Promise<Response>,
  leads: Company = THREE,
  options: Partial<SoapOptions> = {},
): Promise<{ verdicts: Verdict[]; calls: ReturnType<typeof transportTo>['calls'] }> {
  const { transport, calls } = transportTo(answer, options)
  return { verdicts: await transport.deliver(leads), calls }
}
