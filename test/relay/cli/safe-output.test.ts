import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { escapeControls } from '../../../relay/cli/safe-output.ts'
import { run } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'

/** Clears a screen by C1, sets the title of a window by C0, and turns text round. */
const HOSTILE = 'a\u009B2Jb\u001B]0;title\u0007c\u202Ed\u2066e'

describe('the output of a command', () => {
  it.each([
    ['an unknown command', () => [HOSTILE]],
    ['an unknown option', () => ['export', `--${HOSTILE}`]],
    ['a word that is no attribute', () => ['lead', HOSTILE]],
    ['a folder that is not there', () => ['waiting', '--data', join(makeFolder(), HOSTILE)]],
    [
      'the name of a form that is not allowed',
      () => {
        const file = join(makeFolder(), 'forms.json')
        writeFileSync(file, JSON.stringify({ forms: { [HOSTILE]: {} } }))
        return ['check', '--forms', file]
      },
    ],
  ])('has no control character of %s', (_, words) => {
    const { status, stdout, stderr } = run(words(), {
      MARKETO_REST_ENDPOINT: 'https://m.example/rest',
      MARKETO_CLIENT_ID: 'c',
      MARKETO_CLIENT_SECRET: 's',
    })

    expect([1, 2]).toContain(status)
    expect(stdout + stderr).toMatch(/\\u202e|\\u202E/)
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u)
  })

  it('keeps line ends, tabs, styles and the start of a progress message', () => {
    const text = '\r\u001B[2K\u001B[1mbold\u001B[22m\n\ttext\r\n'

    expect(escapeControls(text)).toBe(text)
  })

  it.each([
    ['a line that is cleared later than at its start', 'x\r\u001B[2K', 'x\\u000d\\u001b[2K'],
    ['a cursor that moves', '\u001B[1A', '\\u001b[1A'],
    ['JSON, which stays the same text', '{"a":"\u009B\u202E"}', '{"a":"\\u009b\\u202e"}'],
  ])('has its controls escaped: %s', (_, text, escaped) => {
    expect(escapeControls(text)).toBe(escaped)
  })
})
