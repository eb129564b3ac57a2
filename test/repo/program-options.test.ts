import { describe, expect, it } from 'vitest'
import { flag, oneOf, positiveNumber, readOptions, seed, text, wholeNumber } from '../support/options.ts'

const OPTIONS = {
  platform: oneOf('platform', ['node', 'workerd'], 'node'),
  minutes: positiveNumber(2),
  clients: wholeNumber(12, 1),
  seed: seed(),
  only: text,
  mutations: flag,
}

describe('the options of a test program', () => {
  it('have their defaults, and a random seed', () => {
    const [first, second] = [1, 2].map(() => readOptions([], { ...OPTIONS, seed: seed() }))

    expect(first).toEqual({
      platform: 'node',
      minutes: 2,
      clients: 12,
      seed: expect.any(Number),
      only: '',
      mutations: false,
    })
    expect(second).not.toEqual(first)
  })

  it('are read from the command line', () => {
    const args = '--platform workerd --minutes 0.5 --clients 3 --seed=-7 --only=x --mutations'

    expect(readOptions(args.split(' '), OPTIONS)).toEqual({
      platform: 'workerd',
      minutes: 0.5,
      clients: 3,
      seed: -7,
      only: 'x',
      mutations: true,
    })
  })

  it.each([
    ['--platform=deno', 'unknown platform: deno; use one of node, workerd'],
    ['--minutes=0', '--minutes takes a number above 0, not 0'],
    ['--minutes=Infinity', '--minutes takes a number above 0, not Infinity'],
    ['--clients=0', '--clients takes a whole number from 1, not 0'],
    ['--clients=1.5', '--clients takes a whole number from 1, not 1.5'],
    ['--seed=', '--seed takes a whole number, not '],
    ['--seed=x', '--seed takes a whole number, not x'],
  ])('are refused with what is allowed: %s', (arg, message) => {
    expect(readOptions([arg], OPTIONS)).toBe(message)
  })

  it.each(['--nosuch', '--minutes', 'word'])('are refused by the parser: %s', (arg) => {
    expect(readOptions([arg], OPTIONS)).toContain(arg)
  })
})
