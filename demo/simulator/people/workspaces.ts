/**
 * Decides which workspace and partition a lead belongs to, and whether a call may write it. Changes nothing.
 *
 * Source: the syncLead page on `MktowsContextHeader/targetWorkspace`. The page documents neither the fault nor the
 * spelling. Its Java sample writes `default`, so that name is case-insensitive here and all others are case-sensitive.
 */
import type { Match } from './match.ts'

export interface Workspace {
  name: string
  /** Primary partition. */
  partition: string
}

/**
 * Existing workspaces. `any`: every name is a workspace. `off`: only "Default" exists, and no rule applies. A list: those
 * and "Default". A primary partition has the name of its workspace unless another is given.
 */
export type Workspaces = 'any' | 'off' | readonly (string | Workspace)[]

/** Creates a new lead in the partition if its attribute has the value. The comparison is case-insensitive. */
export interface AssignmentRule {
  attribute: string
  value: string
  partition: string
}

const DEFAULT = 'Default'

/** Returns the workspace of leads for which a call names none. */
export function defaultWorkspace(workspaces: Workspaces): Workspace {
  return findWorkspace(workspaces, undefined) ?? { name: DEFAULT, partition: DEFAULT }
}

/** Returns the workspace with this name, or "Default" if no name is given; undefined if it does not exist. */
export function findWorkspace(workspaces: Workspaces, named: string | undefined): Workspace | undefined {
  const wanted = named === undefined || named.toLowerCase() === 'default' ? DEFAULT : named
  const listed = list(workspaces).find(({ name }) => name === wanted)
  if (listed) return listed
  return workspaces === 'any' || wanted === DEFAULT ? { name: wanted, partition: wanted } : undefined
}

/**
 * Returns the workspace whose new leads go to this partition; undefined if there is no such partition. With a list of
 * workspaces, the partitions are theirs and those of the assignment rules.
 */
export function findPartition(
  { workspaces, rules }: { workspaces: Workspaces; rules: readonly AssignmentRule[] },
  partition: string,
): Workspace | undefined {
  const owner = list(workspaces).find((workspace) => workspace.partition === partition)
  if (owner) return owner
  const exists = workspaces === 'any' || partition === DEFAULT || rules.some((rule) => rule.partition === partition)
  if (!exists || (workspaces === 'off' && partition !== DEFAULT)) return undefined
  return { name: workspaces === 'any' ? partition : DEFAULT, partition }
}

/**
 * Checks whether a call with this header may write the matched person. A person found by a unique key must be in the
 * workspace's primary partition. For a person found by e-mail the header is ignored.
 */
export function mayWrite(found: Match, named: string | undefined, { partition }: Workspace): boolean {
  if (found.kind !== 'person' || found.by === 'email' || named === undefined) return true
  return !found.person.known || found.person.partition === partition
}

/** Returns the place of a new lead: the partition of the first matching rule, else the workspace's primary partition. */
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

/** Returns the names of all partitions, "Default" first. */
export function partitionNames({
  workspaces,
  rules,
}: {
  workspaces: Workspaces
  rules: readonly AssignmentRule[]
}): string[] {
  const listed = list(workspaces).map(({ partition }) => partition)
  const ofRules = workspaces === 'off' ? [] : rules.map(({ partition }) => partition)
  return [...new Set([defaultWorkspace(workspaces).partition, ...listed, ...ofRules])]
}

function list(workspaces: Workspaces): Workspace[] {
  if (typeof workspaces === 'string') return []
  return workspaces.map((workspace) =>
    typeof workspace === 'string' ? { name: workspace, partition: workspace } : workspace,
  )
}
