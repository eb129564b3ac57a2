/** Creates the invalid replies of injected faults. Connections that break or hang are in `routes.ts`. */
import { SoapFault } from './fault.ts'
import { faultReply, XML_TYPE, type Message, type SoapReply } from './handle-message.ts'
import { writeSyncResult, type SyncStatus } from './operations/sync-lead.ts'
import { leadRecordsOf, writeSyncStatuses } from './operations/sync-multiple-leads.ts'

const BROKEN_REPLIES = ['garbage', 'empty', 'failed', 'skipped'] as const

type BrokenReply = (typeof BROKEN_REPLIES)[number]

/** Tells broken replies from the codes of SOAP faults. */
export function isBrokenReply(fault: string): fault is BrokenReply {
  return BROKEN_REPLIES.some((kind) => kind === fault)
}

export function brokenReply(kind: BrokenReply, message: Message): Pick<SoapReply, 'status' | 'type' | 'body'> {
  switch (kind) {
    case 'garbage':
      return { status: 200, type: XML_TYPE, body: TRUNCATED }
    case 'empty':
      return { status: 200, type: XML_TYPE, body: '' }
    case 'failed':
      return statusReply({ leadId: 0, status: 'FAILED', error: 'Lead could not be saved' }, message)
    case 'skipped':
      return statusReply({ leadId: 0, status: 'SKIPPED', error: 'Lead was skipped' }, message)
    default:
      return kind satisfies never
  }
}

/** Returns HTTP 200 with this status for every lead, or fault 20106 if the operation has no status per lead. */
function statusReply(status: SyncStatus, message: Message): Pick<SoapReply, 'status' | 'type' | 'body'> {
  if ('fault' in message || !message.operation.startsWith('sync')) return faultReply(new SoapFault('20106'))
  const body =
    message.operation === 'syncMultipleLeads'
      ? writeSyncStatuses(leadRecordsOf(message.envelope.params).map(() => status))
      : writeSyncResult(status)
  return { status: 200, type: XML_TYPE, body }
}

const TRUNCATED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope'
