/**
 * The outbox as it is meant: the simplest code that keeps the port's promises, but for surviving the process. The SQL
 * outbox is held against it. It makes no haste: a claim looks at every waiting job.
 */
import type { Lead } from '../lead.ts'
import { type Halt, haltAfter, opensAt, probing, reported, withoutProbe } from './halt.ts'
import type { Job, JobRecord, Outbox, Settlement } from './outbox.ts'

interface Waiting {
  lead: Lead
  /** The end of the lease, while the job is out. */
  dueAt: number
  out: boolean
  attempts: number
  reason?: string
}

/** An empty outbox that lives as long as the process. */
export function createMemoryOutbox(): Outbox {
  /** In the order they came. */
  let line: Waiting[] = []
  const settled = new Map<string, JobRecord>()
  let halt: Halt | undefined

  const waiting = (id: string) => line.find((job) => job.lead.id === id)

  /** The jobs that no earlier one of the same person holds back. */
  function heads(): Waiting[] {
    const persons = new Set<string>()
    return line.filter(({ lead }) => {
      const first = !persons.has(lead.person)
      persons.add(lead.person)
      return first
    })
  }

  function settle(settlement: Settlement, now: number): void {
    const { id, attempt } = settlement
    const job = waiting(id)
    if (job?.attempts !== attempt) return

    halt = haltAfter(halt, id, settlement)
    job.out = false
    switch (settlement.kind) {
      case 'retry':
        job.dueAt = settlement.dueAt
        job.reason = settlement.reason
        return
      case 'halted':
        job.dueAt = job.lead.acceptedAt
        job.reason = settlement.reason
        return
      case 'parked': {
        const { dueAt: _, ...record } = recordOf(job)
        settled.set(id, { ...record, state: 'parked', settledAt: now, reason: settlement.reason })
        break
      }
      case 'delivered': {
        const { dueAt: _, lead: __, reason: ___, ...receipt } = recordOf(job)
        settled.set(id, { ...receipt, state: 'delivered', settledAt: now, leadId: settlement.leadId })
        break
      }
      default:
        settlement satisfies never
    }
    line = line.filter((other) => other !== job)
  }

  return {
    async add(leads, dueAt) {
      const fresh = structuredClone(leads)
      for (const lead of fresh) {
        if (!settled.has(lead.id) && !waiting(lead.id)) line.push({ lead, dueAt, out: false, attempts: 0 })
      }
    },

    async claim(now, until, limit) {
      if (halt && now < opensAt(halt)) return []
      const due = heads()
        .filter((job) => job.dueAt <= now)
        .toSorted((a, b) => a.dueAt - b.dueAt)
        .slice(0, Math.max(0, halt ? Math.min(1, limit) : limit))
      return due.map((job): Job => {
        job.dueAt = until
        job.out = true
        job.attempts += 1
        if (halt) halt = probing(halt, job.lead.id, until)
        return { lead: structuredClone(job.lead), attempt: job.attempts }
      })
    },

    async recover() {
      for (const job of line.filter(({ out }) => out)) {
        job.dueAt = job.lead.acceptedAt
        job.out = false
      }
      if (halt) halt = withoutProbe(halt)
    },

    async settle(settlements, now) {
      for (const settlement of settlements) settle(settlement, now)
    },

    async nextDueAt() {
      if (line.length === 0) return undefined
      const due = Math.min(...heads().map((job) => job.dueAt))
      return halt ? Math.max(due, opensAt(halt)) : due
    },

    async status() {
      const records = [...settled.values()]
      return {
        waiting: line.length,
        parked: records.filter(({ state }) => state === 'parked').length,
        delivered: records.filter(({ state }) => state === 'delivered').length,
        ...(line.length > 0 && { oldestAt: Math.min(...line.map(({ lead }) => lead.acceptedAt)) }),
        ...reported(halt),
      }
    },

    async find(id) {
      const job = waiting(id)
      return structuredClone(job ? recordOf(job) : settled.get(id))
    },
  }
}

function recordOf({ lead, dueAt, attempts, reason }: Waiting): JobRecord {
  const { id, form, acceptedAt, notes } = lead
  return {
    id,
    form,
    state: 'waiting',
    attempts,
    acceptedAt,
    dueAt,
    notes,
    lead,
    ...(reason !== undefined && { reason }),
  }
}
