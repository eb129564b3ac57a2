/**
 * Workspaces, their primary partitions, and the rules that assign new leads to other ones.
 *
 * Source: the syncLead page on `MktowsContextHeader/targetWorkspace`. It names no fault and no rule of spelling; its own
 * Java sample writes `default`, so that one name is taken in any case and all others as they are written.
 */
import type { Match } from './match.ts'

export interface Workspace {
  name: string
  /** The primary one. */
  partition: string
}

/**
 * `any`: a workspace is there as soon as it is named. `off`: there is "Default" alone, and no rule assigns anyone. Or
 * those that are listed, and "Default". A primary partition bears its workspace's name where no other is given.
 */
export type Workspaces = 'any' | 'off' | readonly (string | Workspace)[]

/** A new lead whose attribute has that value, in any case of letters, is created in that partition. */
export interface AssignmentRule {
  attribute: string
  value: string
  partition: string
}

const DEFAULT = 'Default'

/** The workspace that a call means; undefined when there is none of that name. */
export function findWorkspace(workspaces: Workspaces, named: string | undefined): Workspace | undefined {
  const wanted = named === undefined || named.toLowerCase() === 'default' ? DEFAULT : named
  const listed = list(workspaces).find(({ name }) => name === wanted)
  if (listed) return listed
  return workspaces === 'any' || wanted === DEFAULT ? { name: wanted, partition: wanted } : undefined
}

/**
 * True when a record that was found may be written under this header: one that was found by a unique key must stand in
 * the workspace's primary partition, one that was found by e-mail stays where it is.
 */
export function mayWrite(found: Match, named: string | undefined, { partition }: Workspace): boolean {
  if (found.kind !== 'person' || found.by === 'email' || named === undefined) return true
  return !found.person.known || found.person.partition === partition
}

/** Where a new lead goes: what the first rule that fits says, else the workspace's primary partition. */
export function placeNew(
  { workspaces, rules }: { workspaces: Workspaces; rules: readonly AssignmentRule[] },
  target: Workspace,
  read: (attribute: string) => string | undefined,
): Workspace {
  const rule = rules.find(({ attribute, value }) => read(attribute)?.toLowerCase() === value.toLowerCase())
  if (!rule || workspaces === 'off') return target
  const owner = list(workspaces).find(({ partition }) => partition === rule.partition)
  return { name: owner?.name ?? target.name, partition: rule.partition }
}

function list(workspaces: Workspaces): Workspace[] {
  if (typeof workspaces === 'string') return []
  return workspaces.map((one) => (typeof one === 'string' ? { name: one, partition: one } : one))
}
