/**
 * Workspaces and their primary partitions. A primary partition bears its workspace's name here.
 *
 * Source: the syncLead page on `MktowsContextHeader/targetWorkspace`. It names no fault and no rule of spelling; its own
 * Java sample writes `default`, so that one name is taken in any case.
 */
import type { Match } from './match.ts'

/** `any`: a workspace is there as soon as it is named. `off`: there is "Default" alone. Or those that are listed. */
export type Workspaces = 'any' | 'off' | readonly string[]

const DEFAULT = 'Default'

/** The workspace that a call means; undefined when there is none of that name. */
export function findWorkspace(workspaces: Workspaces, named: string | undefined): string | undefined {
  if (named === undefined || named.toLowerCase() === 'default') return DEFAULT
  if (workspaces === 'any') return named
  return workspaces !== 'off' && workspaces.includes(named) ? named : undefined
}

/**
 * True when a record that was found may be written under this header: one that was found by a unique key must stand in
 * the workspace's primary partition, one that was found by e-mail stays where it is.
 */
export function mayWrite(found: Match, named: string | undefined, workspace: string): boolean {
  if (found.kind !== 'person' || found.by === 'email' || named === undefined) return true
  return !found.person.known || found.person.partition === workspace
}
