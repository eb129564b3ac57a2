/** Reads the options of `form-sync replay` that change leads. */
import type { ParseArgsConfig } from 'node:util'
import { parseMunchkinCookie } from '../intake/munchkin-cookie.ts'
import type { Edit } from './replay-report.ts'

/** Options for `parseOptions`. */
export const EDIT_OPTIONS = {
  drop: { type: 'string', multiple: true, default: [] },
  rename: { type: 'string', multiple: true, default: [] },
  set: { type: 'string', multiple: true, default: [] },
  workspace: { type: 'string' },
  'drop-workspace': { type: 'boolean', default: false },
  cookie: { type: 'string' },
  'drop-cookie': { type: 'boolean', default: false },
} satisfies NonNullable<ParseArgsConfig['options']>

interface EditOptions {
  drop: string[]
  rename: string[]
  set: string[]
  workspace?: string
  'drop-workspace': boolean
  cookie?: string
  'drop-cookie': boolean
}

/** @throws {Error} if the options contradict each other or are not valid */
export function readEdit(options: EditOptions): Edit {
  const { drop, workspace, cookie } = options
  const rename = readPairs('rename', '<old>=<new>', options.rename)
  const set = readPairs('set', '<name>=<value>', options.set)
  const names = [...drop, ...rename.map(([old]) => old), ...set.map(([name]) => name)]
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw new Error(`"${repeated}" has two edits; only one is allowed`)
  if (drop.includes('')) throw new Error('--drop must be the name of an attribute, not empty')
  if (set.some(([name]) => name.toLowerCase() === 'email')) {
    throw new Error('--set cannot change Email, by which Marketo finds the person')
  }
  return {
    drop,
    rename: Object.fromEntries(rename),
    set: Object.fromEntries(set),
    ...readChoice('workspace', workspace, options['drop-workspace']),
    ...readChoice('cookie', cookie === undefined ? undefined : readCookie(cookie), options['drop-cookie']),
  }
}

/** Splits each word at its first `=`. A new name must have none itself; a value may be empty. */
function readPairs(option: 'rename' | 'set', shape: string, words: string[]): [name: string, text: string][] {
  return words.map((word) => {
    const at = word.indexOf('=')
    const [name, text] = [word.slice(0, Math.max(0, at)), word.slice(at + 1)]
    const isText = option === 'set' ? at > 0 : text !== '' && !text.includes('=')
    if (name === '' || !isText) throw new Error(`--${option} must be ${shape}, not "${option === 'set' ? name : word}"`)
    return [name, text]
  })
}

function readCookie(text: string): string {
  const cookie = parseMunchkinCookie(text)?.cookie
  if (cookie === undefined) throw new Error('--cookie must be a Munchkin cookie such as id:123-ABC-456&token:_mch-…')
  return cookie
}

function readChoice<Key extends string>(
  key: Key,
  value: string | undefined,
  isDropped: boolean,
): { [key in Key]?: string | null } {
  if (value === '') throw new Error(`--${key} must not be empty; use --drop-${key} for none`)
  if (value !== undefined && isDropped) throw new Error(`use either --${key} or --drop-${key}, not both`)
  return isDropped || value !== undefined ? ({ [key]: value ?? null } as { [key in Key]?: string | null }) : {}
}
