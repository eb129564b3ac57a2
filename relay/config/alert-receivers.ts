/** Reads where alerts and heartbeats are sent to. No message contains an address or a secret: those of many services are secret as a whole. Pure. */
import { text, type Environment } from './account.ts'
import type { AddIssue } from './forms.ts'

/** Where alerts and heartbeats are sent to. */
export interface AlertReceivers {
  urls: readonly string[]
  /** Secrets of the signature. Without any, nothing is signed. */
  secrets: readonly Uint8Array<ArrayBuffer>[]
  /** Address of the monitor that gets heartbeats. */
  heartbeat?: string
}

/** Maximum number of receivers. One that passes alerts on to many people is better at it. */
const MAX_RECEIVERS = 5

/** Sizes of a secret that Standard Webhooks allows, in bytes. */
const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64

/** Reads the receivers: none by default. */
export function readAlertReceivers(env: Environment, addIssue: AddIssue): AlertReceivers {
  const urls = wordsOf(env.FORM_SYNC_ALERT_URL)
  if (!urls.every(isWebAddress)) {
    addIssue(
      'FORM_SYNC_ALERT_URL',
      'must be a web address that begins with https:// or http://, or several with spaces between',
    )
  }
  if (urls.length > MAX_RECEIVERS) {
    addIssue('FORM_SYNC_ALERT_URL', `has ${urls.length} addresses; at most ${MAX_RECEIVERS} are allowed`)
  }
  const secrets = wordsOf(env.FORM_SYNC_ALERT_SECRET).map(secretOf)
  if (secrets.includes(undefined)) {
    addIssue(
      'FORM_SYNC_ALERT_SECRET',
      `must be whsec_ with ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64; make one with: echo "whsec_$(openssl rand -base64 32)"`,
    )
  }
  if (secrets.length > 0 && urls.length === 0) {
    addIssue('FORM_SYNC_ALERT_SECRET', 'signs alerts, but FORM_SYNC_ALERT_URL is not set; set both, or neither')
  }
  const heartbeat = text(env.FORM_SYNC_HEARTBEAT_URL)
  if (heartbeat !== undefined && !isWebAddress(heartbeat)) {
    addIssue('FORM_SYNC_HEARTBEAT_URL', 'must be a web address that begins with https:// or http://')
  }
  return { urls, secrets: secrets.filter((secret) => secret !== undefined), ...(heartbeat && { heartbeat }) }
}

function wordsOf(value: unknown): string[] {
  return (text(value) ?? '').split(/\s+/).filter((word) => word !== '')
}

/** Returns whether a text is an address to which a request can be sent. One with a user has no place for it. */
function isWebAddress(address: string): boolean {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return false
  const { username, password } = new URL(address)
  return username === '' && password === ''
}

function secretOf(word: string): Uint8Array<ArrayBuffer> | undefined {
  const [, base64] = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(word) ?? []
  if (base64 === undefined || base64.length % 4 !== 0) return undefined
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES ? bytes : undefined
}
