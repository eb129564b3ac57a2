/**
 * A run in simulated time of a relay with SOAP against the simulator. An hour takes less than a second, no process
 * crashes, and the same checks decide.
 *
 * The relay's sources may be a copy in which something is broken.
 */
import type { AskedFault } from '../../demo/simulator/faults.ts'
import type { CallLine, PersonView } from '../../demo/simulator/view.ts'
import type { Lead } from '../../relay/intake/lead.ts'
import { lead as createLead } from '../suites/outbox/leads.ts'
import { startSimulatedRelay } from '../support/simulated-relay.ts'
import { openJournal } from './journal.ts'
import { jobOf, type JobRow } from './node-relays.ts'
import type { Content } from './plan.ts'
import { requireOutcome, type Evidence } from './verdicts/evidence.ts'

/** A lead that is accepted at a time, in ms since the beginning. Two with one object of attributes are one content. */
export interface PlannedLead {
  at: number
  /** A UUID, or any text where no other content has the id. */
  id: string
  email: string
  attributes: Readonly<Record<string, string>>
  cookie?: string
}

export interface SimulatedPlan {
  leads: readonly PlannedLead[]
  /** Faults of all calls from the beginning, and the time at which they end. */
  faults: readonly AskedFault[]
  faultsEndAt: number
  /** Time until which calls time out. The fault `timeout` must be asked for until then. */
  silentUntil?: number
  /** Time at which the run is over. */
  until: number
}

/**
 * Makes one run.
 *
 * @param root folder of the relay's sources
 * @param folder folder for the outbox
 * @throws when no lead was delivered or parked, because such a run shows nothing
 */
export async function simulate(root: string, folder: string, plan: SimulatedPlan): Promise<Evidence> {
  const start = Date.UTC(2026, 10, 23, 9, 30)
  const relay = await startSimulatedRelay({
    root,
    folder,
    start,
    isSilent: (now) => now < start + (plan.silentUntil ?? 0),
  })
  await relay.fault(plan.faults)

  const journal = openJournal(relay.now)
  const contents = new Map<PlannedLead['attributes'], Content>()
  const contentOf = ({ attributes }: PlannedLead): Content => {
    const content = contents.get(attributes) ?? { fields: {}, attributes }
    contents.set(attributes, content)
    return content
  }
  for (const [at, leads] of Map.groupBy(plan.leads, (lead) => lead.at)) {
    relay.at(start + at, async () => {
      for (const lead of leads) journal.sent(lead.id, lead.email, contentOf(lead), lead.cookie)
      await relay.add(leads.map((lead) => leadOf(lead, relay.now())))
      for (const lead of leads) journal.accepted(lead.id, contentOf(lead), lead.id)
    })
  }
  relay.at(start + plan.faultsEndAt, relay.clearFaults)
  await relay.runUntil(start + plan.until)

  const evidence: Evidence = {
    submissions: journal.all(),
    jobs: relay.rows<JobRow>('SELECT id, state, lead_id, reason, attempts, lead, notes FROM job').map(jobOf),
    calls: await relay.read<CallLine[]>('/sim/calls?limit=1000&records=1'),
    people: await relay.read<PersonView[]>('/sim/leads'),
    periods: [],
  }
  relay.close()
  requireOutcome(evidence)
  return evidence
}

function leadOf({ id, email, attributes, cookie }: PlannedLead, acceptedAt: number): Lead {
  return createLead(id, {
    email,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    acceptedAt,
    ...(cookie !== undefined && { cookie }),
  })
}
