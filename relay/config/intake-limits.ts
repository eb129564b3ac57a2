/** Reads the limits of what the relay takes: leads that wait, posts of one network, disk and connections (Node). Pure. */
import type { Environment } from './account.ts'
import type { AddIssue } from './forms.ts'
import { readCount } from './read-count.ts'

export interface IntakeLimits {
  /** Maximum number of leads that wait, of all forms together. */
  maxWaiting: number
  /** Maximum number of leads of one network that a process accepts in an hour. */
  maxWaitingPerSource: number
  /** Posts a minute from one network beyond which a post counts as part of a flood. */
  postsPerMinute: number
  /** Space on the disk of the outbox that no lead may use, in bytes. */
  diskReserve: number
  /** Maximum number of connections to the server. By default it follows from the limit of descriptors. */
  maxConnections?: number
}

const MAX_COUNT = 9_999_999
const MB = 1024 ** 2

/** Reads the limits. Each has a default that suits one relay on one machine. */
export function readIntakeLimits(env: Environment, addIssue: AddIssue): IntakeLimits {
  const read = (name: string, defaultValue: number, min = 1) =>
    readCount(env, name, { defaultValue, min, max: MAX_COUNT }, addIssue)
  const maxConnections = read('FORM_SYNC_MAX_CONNECTIONS', 0)
  return {
    maxWaiting: read('FORM_SYNC_MAX_WAITING', 100_000),
    maxWaitingPerSource: read('FORM_SYNC_MAX_WAITING_PER_SOURCE', 2_000),
    postsPerMinute: read('FORM_SYNC_POSTS_PER_MINUTE', 120),
    diskReserve: MB * read('FORM_SYNC_DISK_RESERVE_MB', 512, 0),
    ...(maxConnections > 0 && { maxConnections }),
  }
}
