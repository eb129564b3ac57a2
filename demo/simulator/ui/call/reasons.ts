/** Names the reason of a failed call in a few words. Pure. */
import { faultCode } from './fault-codes.ts'

/** Reasons of the faults that the simulator was told to make. They have a name in place of a code. */
const INJECTED: Record<string, string> = {
  timeout: 'No answer',
  'accepted-then-timeout': 'Done, but no answer',
  reset: 'Connection broken',
  'accepted-then-reset': 'Done, but connection broken',
  redirect: 'Redirect by a gateway',
  garbage: 'Broken answer',
  'accepted-then-garbage': 'Done, but broken answer',
  empty: 'Empty answer',
  null: 'Empty answer',
  failed: 'Lead refused',
  skipped: 'Lead skipped without a reason',
}

/** Returns the name of the reason: of Marketo's code, or of a fault that was asked for. */
export function reasonOf(code: string | null): string {
  if (code === null) return 'Failed'
  const status = /^html(\d{3})$/.exec(code)?.[1]
  if (status !== undefined) return `Page of a gateway, HTTP ${status}`
  const injected = Object.hasOwn(INJECTED, code) ? INJECTED[code] : undefined
  return faultCode(code)?.name ?? injected ?? (/^\d+$/.test(code) ? 'Refused' : `Failed: ${code}`)
}
