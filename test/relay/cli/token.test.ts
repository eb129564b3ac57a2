import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createOperatorTokens, type Operator } from '../../../relay/index.ts'
import { readOperators } from '../../../relay/config/operators.ts'
import { run } from '../../support/command.ts'

describe('form-sync token', () => {
  it('makes another token each time, whose entry admits its holder', async () => {
    const made = [
      run(['token', '--name', 'ana', '--role', 'act', '--json']),
      run(['token', '--name', 'ana', '--json']),
    ].map(({ stdout }) => JSON.parse(stdout) as Operator & { token: string })

    const [{ token, ...entry } = expect.unreachable(), second] = made
    const operators = readOperators({ FORM_SYNC_OPERATORS: JSON.stringify([entry]) }, () => expect.unreachable())
    const tokens = createOperatorTokens({ operators })
    expect(entry.digest).toBe(`sha256:${createHash('sha256').update(token).digest('hex')}`)
    expect(await tokens.identify(`Bearer ${token}`)).toEqual({ name: 'ana', role: 'act' })
    expect(await tokens.identify(`Bearer ${second?.token}`)).toBeUndefined()
    expect(second?.role).toBe('look')
  })

  it('prints the token, its digest and the entry', () => {
    const { status, stdout } = run(['token'])

    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^Token, for the operator: [\w-]{43}\nDigest, for the relay: {3}sha256:[\da-f]{64}\n\n.*\n\{"name":"operator","role":"look","digest":"sha256:[\da-f]{64}"\}\n$/,
    )
  })

  it.each([
    [['--role', 'admin'], 'the "role" look or act'],
    [['--name', 'ana@acme.example'], 'with a "name" of its own'],
  ])('exits with 2 for %j', (words, message) => {
    const { status, stderr, stdout } = run(['token', ...words])

    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
