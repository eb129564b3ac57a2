/** The faults that are answers, of a kind that no SOAP server means to give. */
import { XML_TYPE, type Answer } from './answer.ts'
import { writeSyncResult } from './sync-lead.ts'

export type Mishap = 'html502' | 'garbage' | 'empty' | 'failed' | 'skipped'

/** What stands on the wire for each; connections that break or hang are no answers and not here. */
export const MISHAPS: Readonly<Record<Mishap, Omit<Answer, 'code' | 'leadId'>>> = {
  html502: {
    status: 502,
    type: 'text/html; charset=utf-8',
    body: '<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center></body>\n</html>\n',
  },
  garbage: {
    status: 200,
    type: XML_TYPE,
    body: '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xml',
  },
  empty: { status: 200, type: XML_TYPE, body: '' },
  failed: {
    status: 200,
    type: XML_TYPE,
    body: writeSyncResult({ leadId: 0, status: 'FAILED', error: 'Lead could not be saved' }),
  },
  skipped: {
    status: 200,
    type: XML_TYPE,
    body: writeSyncResult({ leadId: 0, status: 'SKIPPED', error: 'Lead was skipped' }),
  },
}
