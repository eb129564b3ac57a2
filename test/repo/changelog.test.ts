/** CHANGELOG.md has the form of Keep a Changelog 1.1.0, so that people and programs find what is new in a version. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const CHANGELOG = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

/** The kinds of changes, in the order of Keep a Changelog. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']

/** Returns the sections below the headings of a level, with their titles. */
function sections(text: string, level: '## ' | '### '): { title: string; body: string }[] {
  return text
    .split(new RegExp(`^${level}`, 'm'))
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n')
      return { title, body: lines.join('\n').trim() }
    })
}

/** Returns what is wrong with the form of a changelog, by place. */
function problemsOf(changelog: string): string[] {
  const versions = sections(changelog, '## ')
  const problems = changelog.startsWith('# Changelog\n') ? [] : ['the first line is not "# Changelog"']
  if (versions[0]?.title !== '[Unreleased]') problems.push('the first section is not [Unreleased]')
  for (const { title, body } of versions) {
    if (title !== '[Unreleased]' && !/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/.test(title)) {
      problems.push(`${title}: is not "[1.2.3] - 2026-11-23"`)
    }
    const kinds = sections(body, '### ')
    const names = kinds.map((kind) => kind.title)
    const ordered = KINDS.filter((kind) => names.includes(kind))
    if (names.join() !== ordered.join())
      problems.push(`${title}: has ${names.join(', ')}; allowed are, in order, ${KINDS.join(', ')}`)
    for (const kind of kinds) {
      const other = kind.body.split('\n').find((line) => !/^(?:- |  )\S/.test(line))
      if (other !== undefined)
        problems.push(`${title}, ${kind.title}: "${other}" is neither "- " and an entry nor indented`)
    }
    if (title === '[Unreleased]' && /^[^#\s]/.test(body)) problems.push(`${title}: an entry is below no kind`)
  }
  return problems
}

describe('CHANGELOG.md', () => {
  it('has a section for each version, and in it a list for each kind of change', () => {
    expect(problemsOf(CHANGELOG)).toEqual([])
  })

  it('has a section for the version of package.json', () => {
    const titles = sections(CHANGELOG, '## ').map(({ title }) => title)

    expect(titles.some((title) => title.startsWith(`[${version}] - `))).toBe(true)
  })

  it.each([
    ['an entry without a kind', '# Changelog\n\n## [Unreleased]\n\n**New.** It is.\n', 'below no kind'],
    ['a kind of its own', '# Changelog\n\n## [Unreleased]\n\n### News\n\n- It is.\n', 'has News'],
    [
      'kinds in another order',
      '# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A.\n\n### Added\n\n- B.\n',
      'in order',
    ],
    ['a paragraph in a list', '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A.\nB.\n', '"B."'],
    ['a version without a date', '# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n', 'is not "[1.2.3] - 2026-11-23"'],
  ])('would be refused with %s', (_, changelog, problem) => {
    expect(problemsOf(changelog).join('\n')).toContain(problem)
  })
})
