import { describe, expect, it } from 'vitest'
import { DEMO_ACCOUNT } from '../../demo/simulator/account.ts'
import { canary, findLeaks } from './canaries.ts'
import { noLeakOn, SECRETS } from './no-leak.ts'

noLeakOn('node')

describe('the search for canaries', () => {
  const word = canary('first')

  it.each([
    ['plain', `a${word}b`],
    ['plain', word.toUpperCase()],
    ['URL', word.replace('quax', 'qu%61x')],
    ['escape', word.replace('quax', 'qu\\u0061x')],
    ['escape', word.replace('quax', 'qu&#x61;x')],
    ['base64', Buffer.from(`user:${word}:x`).toString('base64')],
    ['base64', Buffer.from(`us:${word}`).toString('base64url')],
    ['base64', `x${Buffer.from(word).toString('base64')}`],
    ['hexadecimal', Buffer.from(word).toString('hex')],
  ])('finds one in this form: %s', (form, text) => {
    expect(findLeaks([{ where: 'x', text: `"${text}"` }], [])).toContain(`x: ${word} (${form})`)
  })

  it('finds a secret in base64', () => {
    const text = Buffer.from(`client:${DEMO_ACCOUNT.clientSecret}`).toString('base64')

    expect(findLeaks([{ where: 'x', text }], SECRETS)).toEqual([`x: ${DEMO_ACCOUNT.clientSecret} (base64)`])
  })
})
