import { describe, expect, it } from 'vitest'
import { readDataKeys } from '../../../relay/config/data-keys.ts'
import { variableOf } from '../../support/data-keys.ts'

function read(variable: string | undefined): { keys: Uint8Array[]; problems: string[] } {
  const problems: string[] = []
  const keys = readDataKeys({ FORM_SYNC_DATA_KEY: variable }, (place, problem) => problems.push(`${place}: ${problem}`))
  return { keys, problems }
}

const BYTES = Uint8Array.from({ length: 32 }, (_, at) => 255 - at)
const RULE = 'must be 32 bytes in base64, as "openssl rand -base64 32" prints them, or several such keys with commas'

describe('FORM_SYNC_DATA_KEY', () => {
  it.each([
    ['base64', Buffer.from(BYTES).toString('base64')],
    ['base64 without padding', Buffer.from(BYTES).toString('base64').replace('=', '')],
    ['the base64 of URLs', Buffer.from(BYTES).toString('base64url')],
    ['base64 with a line break at its end', `${Buffer.from(BYTES).toString('base64')}\n`],
  ])('is a key in %s', (_, variable) => {
    expect(read(variable)).toStrictEqual({ keys: [BYTES], problems: [] })
  })

  it.each([undefined, ''])('may be missing or empty, and then there are no keys: %j', (variable) => {
    expect(read(variable)).toStrictEqual({ keys: [], problems: [] })
  })

  it('may be several keys in their order', () => {
    const { keys, problems } = read(variableOf(1, 2, 3).replaceAll(',', ' , '))

    expect(keys.map(([first]) => first)).toStrictEqual([1, 2, 3])
    expect(problems).toStrictEqual([])
  })

  it.each([
    ['31 bytes', Buffer.from(BYTES.subarray(1)).toString('base64')],
    ['33 bytes', Buffer.from([...BYTES, 1]).toString('base64')],
    ['hexadecimal', Buffer.from(BYTES).toString('hex')],
    ['a password', 'correct horse battery staple'],
    ['a comma without a key after it', `${variableOf(1)},`],
  ])('is refused when it is %s, with the rule and without the value', (_, variable) => {
    const { problems } = read(variable)

    expect(problems).toStrictEqual([expect.stringContaining(`FORM_SYNC_DATA_KEY: ${RULE}`)])
    expect(problems[0]).not.toContain(variable.slice(0, 12))
  })

  it('says which of several keys is wrong', () => {
    expect(read(`${variableOf(1)},wrong`).problems[0]).toMatch(/; key 2 of 2 is not$/)
  })
})
