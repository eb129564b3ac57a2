/** Parses the edit of a replay request: the changes to make to each lead before it is sent again. Pure. */
import { parseMunchkinCookie } from '../intake/munchkin-cookie.ts'
import { MAX_PAGE } from '../admin/parked-leads.ts'
import type { LeadEdit } from '../outbox/edit.ts'

/** Maximum length of an id or a name, in characters. Marketo's names are far shorter. */
export const MAX_NAME_LENGTH = 255

/** Maximum length of a value, in characters: that of a text area in Marketo. */
const MAX_VALUE_LENGTH = 30_000

/** The members of a request that are its edit. */
export const EDIT_FIELDS = ['drop', 'rename', 'set', 'workspace', 'cookie']

/** Returns the edit of a request body. Problems go to `addIssue`; the edit is complete only if there were none. */
export function readEdit(
  body: Record<string, unknown>,
  addIssue: (field: string, message: string) => void,
): Omit<LeadEdit, 'forms'> {
  const { drop = [], rename = {}, set = {}, workspace, cookie } = body
  const drops = isListOfNames(drop, 0) ? drop : undefined
  const renames = isTexts(rename, isName) ? rename : undefined
  const values = isTexts(set, (value) => typeof value === 'string' && value.length <= MAX_VALUE_LENGTH)
    ? set
    : undefined
  if (!drops) addIssue('drop', 'drop must be a list of attribute names such as ["Hat__c"]')
  if (!renames) addIssue('rename', 'rename must be an object of old and new attribute names such as {"Hat__c": "Hat"}')
  if (!values) addIssue('set', 'set must be an object of attribute names and values such as {"Hat__c": "red"}')
  for (const [name, message] of conflictsOf(drops ?? [], renames ?? {}, values ?? {})) addIssue(name, message)
  if (workspace !== undefined && workspace !== null && !isName(workspace)) {
    addIssue('workspace', `workspace must be text of 1 to ${MAX_NAME_LENGTH} characters, or null for none`)
  }
  const sent = typeof cookie === 'string' ? parseMunchkinCookie(cookie)?.cookie : cookie
  if (cookie !== undefined && cookie !== null && typeof sent !== 'string') {
    addIssue('cookie', 'cookie must be a Munchkin cookie such as id:123-ABC-456&token:_mch-…, or null for none')
  }
  return {
    ...(drops && { drop: drops }),
    ...(renames && { rename: renames }),
    ...(values && { set: values }),
    ...((workspace === null || isName(workspace)) && { workspace }),
    ...((sent === null || typeof sent === 'string') && { cookie: sent }),
  }
}

function conflictsOf(drop: string[], rename: Record<string, string>, set: Record<string, string>): [string, string][] {
  const conflicts: [string, string][] = []
  const inBoth = (names: string[], others: readonly string[]) => names.find((name) => others.includes(name))
  const renamed = inBoth(Object.keys(rename), drop)
  if (renamed !== undefined)
    conflicts.push(['rename', `${renamed} is in both rename and drop; it may be in one of them`])
  const valued = inBoth(Object.keys(set), [...drop, ...Object.keys(rename)])
  if (valued !== undefined) conflicts.push(['set', `${valued} is in set and in another edit; it may be in one of them`])
  if (Object.keys(set).some((name) => name.toLowerCase() === 'email')) {
    conflicts.push(['set', 'set cannot change Email, by which Marketo finds the person'])
  }
  return conflicts
}

/** Returns true for text that may be an id or a name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH
}

/** Returns true for a list of at most `MAX_PAGE` names. */
export function isListOfNames(value: unknown, minLength = 1): value is string[] {
  return Array.isArray(value) && value.length >= minLength && value.length <= MAX_PAGE && value.every(isName)
}

/** Returns true for an object of names and of values that `isValue` admits. */
function isTexts(value: unknown, isValue: (value: unknown) => boolean): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([name, text]) => isName(name) && isValue(text))
}
