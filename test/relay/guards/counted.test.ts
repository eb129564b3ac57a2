import { describe, expect, it } from 'vitest'
import { createGuards } from '../../../relay/guards/guards.ts'
import type { ExaminedPost, Finding } from '../../../relay/guards/guard.ts'
import { createHourCount } from '../../../relay/guards/hour-count.ts'
import { foldAddress } from '../../../relay/guards/many-of-address.ts'
import { createRepeats } from '../../../relay/guards/repeats.ts'
import type { RuleName } from '../../../relay/config/rules.ts'
import { loadDisposable } from '../../../relay/runtime/node/disposable-domains.ts'
import { examinedPost } from '../../support/examined-post.ts'
import { NOW } from '../../support/relay.ts'

const HOUR_MS = 3_600_000
const TEXT = 'Our agency brings your site to the first place of every search.'

function guardsUnderTest() {
  const { form } = examinedPost()
  const guards = createGuards({
    forms: new Map([['contact', form]]),
    testRules: false,
    seed: 7,
    loadDisposable,
  })
  return async (rule: RuleName, post: ExaminedPost): Promise<Finding | undefined> =>
    guards.find((guard) => guard.rule === rule)!.examine(post)
}

const withText = (value: string, now = NOW) => examinedPost({ attributes: [{ name: 'Message__c', value }] }, now)

describe('the rule same-text', () => {
  it('meets the fifth lead with one text within an hour, whatever its case and its spaces', async () => {
    const find = guardsUnderTest()
    const found = []
    for (let lead = 0; lead < 4; lead += 1) found.push(await find('same-text', withText(TEXT)))
    found.push(await find('same-text', withText(`  ${TEXT.toUpperCase().replaceAll(' ', '\n ')}`)))

    expect(found).toEqual([
      ...Array<undefined>(4).fill(undefined),
      { reason: 'the text in Message__c came in several leads within an hour' },
    ])
  })

  it('does not meet short texts, other texts, or leads of another hour', async () => {
    const find = guardsUnderTest()
    for (let lead = 0; lead < 9; lead += 1) {
      expect(await find('same-text', withText('Please send me an offer.'))).toBeUndefined()
      expect(await find('same-text', withText(`${TEXT} ${lead}`))).toBeUndefined()
      expect(await find('same-text', withText(TEXT, NOW + lead * HOUR_MS))).toBeUndefined()
    }
  })

  it('does not count a lead again that is sent again, and says the same of it', async () => {
    const find = guardsUnderTest()
    const post = withText(TEXT)
    for (let time = 0; time < 9; time += 1) expect(await find('same-text', { ...post })).toBeUndefined()
    for (let lead = 0; lead < 3; lead += 1) await find('same-text', withText(TEXT))
    const fifth = withText(TEXT)

    expect(await find('same-text', fifth)).toBeDefined()
    expect(await find('same-text', { ...fifth })).toBeDefined()
  })
})

describe('the rule many-of-address', () => {
  it('meets subscription bombing: one victim, written in many ways, from many networks', async () => {
    const find = guardsUnderTest()
    const written = ['v.ictim@gmail.com', 'VICTIM@gmail.com', 'victim+1@gmail.com', 'vic.tim+x@googlemail.com']
    const found = []
    for (let post = 0; post < 8; post += 1) {
      const email = written[post % written.length]!
      found.push(await find('many-of-address', examinedPost({ email, network: `192.0.2.${post}` })))
    }

    const reason = 'more than 5 posts with its address within an hour'
    expect(found).toEqual([...Array<undefined>(5).fill(undefined), { reason }, { reason }, { reason }])
    expect(await find('many-of-address', examinedPost({ email: 'other@gmail.com' }))).toBeUndefined()
  })

  it('does not count a post again that is sent again', async () => {
    const find = guardsUnderTest()
    const post = examinedPost({ email: 'again@acme.example' })

    for (let time = 0; time < 9; time += 1) expect(await find('many-of-address', { ...post })).toBeUndefined()
  })

  it.each([
    ['Ana.Maria+news@Acme.Example', 'anamaria@acme.example'],
    ['a.b@googlemail.com', 'ab@gmail.com'],
    ['"a@b"+c@x.example', '"a@b"@x.example'],
  ])('folds %s to %s', (email, folded) => {
    expect(foldAddress(email)).toBe(folded)
  })
})

describe('the rules about providers', () => {
  it.each([
    ['disposable', 'a@mailinator.com', true],
    ['disposable', 'a@b.MAILINATOR.com', true],
    ['disposable', 'a@acme.example', false],
    ['disposable', 'a@gmail.com', false],
    ['free-mail', 'a@gmail.com', true],
    ['free-mail', 'a@yahoo.co.uk', true],
    ['free-mail', 'a@GMX.net', true],
    ['free-mail', 'a@outlook.acme.example', false],
    ['free-mail', 'a@acme.example', false],
  ] as const)('%s: of %s it is %s', async (rule, email, isMet) => {
    expect((await guardsUnderTest()(rule, examinedPost({ email }))) !== undefined).toBe(isMet)
  })
})

describe('counters in memory', () => {
  it('forget the key that came first when they are full', () => {
    const count = createHourCount(2)
    count(1, NOW, false)
    count(2, NOW, false)
    count(3, NOW, false)

    expect([count(3, NOW, false), count(2, NOW, false), count(1, NOW, false)]).toEqual([2, 2, 1])
  })

  it('go on for a key that comes again and again while others come', () => {
    const count = createHourCount(4)
    const counts = Array.from({ length: 9 }, (_, at) => (count(100 + at, NOW, false), count(1, NOW, false)))

    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('begin a new hour when the clock was set back', () => {
    const count = createHourCount()
    count(1, NOW, false)

    expect(count(1, NOW - 1, false)).toBe(1)
  })

  it('remember a bounded number of posts', () => {
    const isRepeat = createRepeats(1, 2)
    const [first, second, third] = [examinedPost(), examinedPost(), examinedPost()]
    const before = [isRepeat(first), isRepeat(second), isRepeat(third)]

    expect(before).toEqual([false, false, false])
    expect([isRepeat({ ...third }), isRepeat({ ...first }), isRepeat(third)]).toEqual([true, false, false])
  })
})
