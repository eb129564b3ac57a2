/**
 * Reads the shell commands of a page of the documents. A block either is run by a test as typed, or its first line says why not.
 * Reads text alone; runs nothing.
 */

/** Why a block is not run by a test. A block has one of these, after `# `, as its first line. */
export const REASONS = [
  'Needs a Cloudflare account',
  'Needs a checkout',
  'Needs a damaged outbox',
  'Needs Deno',
  'Needs PHP',
  'Takes minutes',
] as const

/** Languages of blocks that a reader would type into a shell. The documents have `sh` alone. */
const SHELLS = /^(sh|bash|console|shell|shellsession|terminal|zsh)$/
const FENCE = /^( *)```([\w-]*)[^\n]*\n([\s\S]*?)^\1```$/gm

export interface CommandBlock {
  /** Page and line of the fence: `README.md:20`. */
  place: string
  /** What a reader types, without the indentation of the fence. */
  text: string
  /** Why no test runs it. */
  reason?: (typeof REASONS)[number]
}

/**
 * Returns the blocks of commands in a page.
 *
 * @throws Error that names the place of a block whose language or reason is not allowed.
 */
export function commandBlocks(page: string, markdown: string): CommandBlock[] {
  return [...markdown.matchAll(FENCE)]
    .filter(([, , language = '']) => SHELLS.test(language))
    .map(({ index, 1: indent = '', 2: language = '', 3: body = '' }) => {
      const place = `${page}:${markdown.slice(0, index).split('\n').length}`
      if (language !== 'sh') throw new Error(`${place}: the language of commands is sh, not ${language}`)
      const lines = body.split('\n').map((line) => line.slice(indent.length))
      return { place, text: lines.join('\n'), ...reasonOf(place, lines[0] ?? '') }
    })
}

function reasonOf(place: string, line: string): Pick<CommandBlock, 'reason'> {
  if (!line.startsWith('#')) return {}
  const reason = REASONS.find((allowed) => line === `# ${allowed}`)
  if (reason) return { reason }
  throw new Error(`${place}: "${line}" is no reason to leave a block out; allowed are: ${REASONS.join(', ')}`)
}
