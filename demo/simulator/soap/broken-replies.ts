/** The faults that are answers, of a kind that no SOAP server means to give. */
import { answerFault, XML_TYPE, type Answer, type Message } from './handle-message.ts'
import { SoapFault } from './fault.ts'
import { leadRecordsOf, writeSyncStatuses } from './operations/sync-multiple-leads.ts'
import { writeSyncResult, type SyncStatus } from './operations/sync-lead.ts'

export type Mishap = 'html502' | 'garbage' | 'empty' | 'failed' | 'skipped'

/** What stands on the wire for each; connections that break or hang are no answers and not here. */
export function answerMishap(mishap: Mishap, message: Message): Pick<Answer, 'status' | 'type' | 'body'> {
  switch (mishap) {
    case 'html502':
      return { status: 502, type: 'text/html; charset=utf-8', body: BAD_GATEWAY }
    case 'garbage':
      return { status: 200, type: XML_TYPE, body: HALF }
    case 'empty':
      return { status: 200, type: XML_TYPE, body: '' }
    case 'failed':
      return answerStatus({ leadId: 0, status: 'FAILED', error: 'Lead could not be saved' }, message)
    case 'skipped':
      return answerStatus({ leadId: 0, status: 'SKIPPED', error: 'Lead was skipped' }, message)
    default:
      return mishap satisfies never
  }
}

/** HTTP 200 with this status for every lead; a call that has no status for leads gets 20106 in its place. */
function answerStatus(status: SyncStatus, message: Message): Pick<Answer, 'status' | 'type' | 'body'> {
  if ('fault' in message || !message.operation.startsWith('sync')) return answerFault(new SoapFault('20106'))
  const body =
    message.operation === 'syncMultipleLeads'
      ? writeSyncStatuses(leadRecordsOf(message.envelope.params).map(() => status))
      : writeSyncResult(status)
  return { status: 200, type: XML_TYPE, body }
}

const BAD_GATEWAY =
  '<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n'

const HALF =
  '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope'
