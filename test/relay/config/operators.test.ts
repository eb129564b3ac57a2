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
    ['no object', ['ana'], 'FORM_SYNC_OPERATORS[0]: must be an object'],
    ['no name', [{ role: 'act', token: TOKEN }], 'FORM_SYNC_OPERATORS[0]: "name" must'],
    ['an address as name', [{ name: 'a@b.example', role: 'act', token: TOKEN }], 'FORM_SYNC_OPERATORS[0]: "name" must'],
    ['another role', [{ name: 'ana', role: 'admin', token: TOKEN }], '"role" must be "look" or "act"'],
    ['no token', [{ name: 'ana', role: 'act' }], 'either "digest" or "token" is required'],
    ['both', [{ name: 'ana', role: 'act', token: TOKEN, digest: DIGEST }], 'either "digest" or "token" is required'],
    ['a short token', [{ name: 'ana', role: 'act', token: 'guess-me' }], '"token" must have 20 characters or more'],
    ['a token as digest', [{ name: 'ana', role: 'act', digest: TOKEN }], '"digest" must be sha256: with 64'],
    ['an unknown member', [{ name: 'ana', role: 'act', token: TOKEN, email: 'x' }], '"email" is unknown; allowed are'],
    [
      'a name twice',
      [
        { name: 'ana', role: 'act', token: TOKEN },
        { name: 'ana', role: 'look', digest: DIGEST },
      ],
      'has two operators of the name "ana"',
    ],
  ])('is refused with %s, and the message has no token', (_, value, problem) => {
    const { problems } = read(value)

    expect(problems).toEqual([expect.stringContaining(problem)])
    expect(problems.join('\n')).not.toMatch(/a-token-of|guess-me/)
  })
})
