import { describe, expect, it } from 'vitest'
import { readOperators } from '../../../relay/config/operators.ts'

const TOKEN = 'a-token-of-twenty-characters'
/** printf %s a-token-of-twenty-characters | sha256sum */
const DIGEST = '69edd415a602ec88f62a7350fb91a4b5853dba711b73d2e044cddeea76c24a3c'

/** Reads the variable, and returns the operators and all problems. */
function read(value: unknown) {
  const problems: string[] = []
  const FORM_SYNC_OPERATORS = typeof value === 'string' ? value : JSON.stringify(value)
  const operators = readOperators({ FORM_SYNC_OPERATORS }, (place, problem) => problems.push(`${place}: ${problem}`))
  return { operators, problems }
}

describe('FORM_SYNC_OPERATORS', () => {
  it('names operators with a role and a token or its digest', () => {
    expect(
      read([
        { name: 'ana', role: 'act', digest: `sha256:${DIGEST}` },
        { name: 'Bo Berg', role: 'look', digest: DIGEST.toUpperCase() },
        { name: 'cy', role: 'look', token: TOKEN },
      ]),
    ).toEqual({
      operators: [
        { name: 'ana', role: 'act', digest: DIGEST },
        { name: 'Bo Berg', role: 'look', digest: DIGEST },
        { name: 'cy', role: 'look', token: TOKEN },
      ],
      problems: [],
    })
  })

  it('is empty by default', () => {
    expect(readOperators({}, () => expect.unreachable())).toEqual([])
  })

  it.each([
    ['no JSON', '{name: ana}', 'FORM_SYNC_OPERATORS: must be a JSON list'],
    ['no list', {}, 'FORM_SYNC_OPERATORS: must be a JSON list'],
    ['no object', ['ana'], 'FORM_SYNC_OPERATORS[0]: must be an entry as'],
    ['null', [null], 'FORM_SYNC_OPERATORS[0]: must be an entry as'],
    ['no name', [{ role: 'act', token: TOKEN }], 'FORM_SYNC_OPERATORS[0]: must be an entry as'],
    [
      'an address as name',
      [{ name: 'a@b.example', role: 'act', token: TOKEN }],
      'FORM_SYNC_OPERATORS[0]: must be an entry as',
    ],
    ['another role', [{ name: 'ana', role: 'admin', token: TOKEN }], 'the "role" look or act'],
    ['no token', [{ name: 'ana', role: 'act' }], 'either its "digest" or'],
    ['both', [{ name: 'ana', role: 'act', token: TOKEN, digest: DIGEST }], 'either its "digest" or'],
    ['a short token', [{ name: 'ana', role: 'act', token: 'guess-me' }], 'a "token" of 20 characters or more'],
    ['a token with a space', [{ name: 'ana', role: 'act', token: `${TOKEN} x` }], 'a "token" of 20 characters or more'],
    ['a token as digest', [{ name: 'ana', role: 'act', digest: TOKEN }], 'either its "digest" or'],
    ['an unknown member', [{ name: 'ana', role: 'act', token: TOKEN, email: 'x' }], 'and nothing else'],
    [
      'a name twice',
      [
        { name: 'ana', role: 'act', token: TOKEN },
        { name: 'ana', role: 'look', digest: DIGEST },
      ],
      'FORM_SYNC_OPERATORS[1]: must be an entry as "form-sync token" prints it: with a "name" of its own',
    ],
  ])('is refused with %s, and the message has no token', (_, value, problem) => {
    const { problems } = read(value)

    expect(problems).toEqual([expect.stringContaining(problem)])
    expect(problems.join('\n')).not.toMatch(/a-token-of|guess-me/)
  })
})
