/** Names the user who runs a command, for the notes and events about what was done. */
import { userInfo } from 'node:os'

/** Returns the name of the user, without a domain. */
export function ownName(): string {
  try {
    return userInfo().username.split('@')[0] || 'operator'
  } catch {
    // The user of a container may have no name.
    return 'operator'
  }
}
