/** Creates the invalid replies of injected faults. Connections that break or hang are in `routes.ts`. */
import { SoapFault } from './fault.ts'
import { faultReply, XML_TYPE, type Message, type Reply } from './handle-message.ts'
import { writeSyncResult, type SyncStatus } from './operations/sync-lead.ts'
import { leadRecordsOf, writeSyncStatuses } from './operations/sync-multiple-leads.ts'

/** Statuses of the pages that a proxy or a gateway before Marketo answers with, and their titles. */
const PAGES = {
  html401: [401, 'Unauthorized'],
  html403: [403, 'Forbidden'],
  html404: [404, 'Not Found'],
  html502: [502, 'Bad Gateway'],
  html503: [503, 'Service Unavailable'],
} as const

export type BrokenReply = keyof typeof PAGES | 'redirect' | 'garbage' | 'empty' | 'failed' | 'skipped'

/** A reply as it is sent, with the target of a redirect. */
export interface HttpReply extends Pick<Reply, 'status' | 'type' | 'body'> {
  location?: string
}

export function brokenReply(kind: BrokenReply, message: Message): HttpReply {
  switch (kind) {
    case 'html401':
    case 'html403':
    case 'html404':
    case 'html502':
    case 'html503': {
      const [status, title] = PAGES[kind]
      return { status, type: HTML_TYPE, body: page(`${status} ${title}`) }
    }
    case 'redirect':
      return { status: 302, type: HTML_TYPE, body: page('302 Found'), location: 'https://login.gateway.example/' }
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
function statusReply(status: SyncStatus, message: Message): Pick<Reply, 'status' | 'type' | 'body'> {
  if ('fault' in message || !message.operation.startsWith('sync')) return faultReply(new SoapFault('20106'))
  const body =
    message.operation === 'syncMultipleLeads'
      ? writeSyncStatuses(leadRecordsOf(message.envelope.params).map(() => status))
      : writeSyncResult(status)
  return { status: 200, type: XML_TYPE, body }
}

const HTML_TYPE = 'text/html; charset=utf-8'

function page(title: string): string {
  return `<html>\n<head><title>${title}</title></head>\n<body><center><h1>${title}</h1></center></body>\n</html>\n`
}

const TRUNCATED =
  '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope'
