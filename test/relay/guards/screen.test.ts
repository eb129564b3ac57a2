import { describe, expect, it } from 'vitest'
import type { Rules } from '../../../relay/config/rules.ts'
import type { Finding, Guard, ValidPost } from '../../../relay/guards/guard.ts'
import { createTestGuards } from '../../../relay/guards/test-rules.ts'
import type { Lead, LeadId, OrderingKey } from '../../../relay/intake/lead.ts'
import { createMemoryOutbox } from '../../oracle/memory-outbox.ts'
import { NOW } from '../../support/relay.ts'
import { screenUnderTest } from '../../support/screen.ts'

const DAY_MS = 86_400_000
const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321'

let lastId = 0

function postOf(rules: Rules, more: Partial<Lead> = {}, now = NOW): ValidPost {
  lastId += 1
  const id = `0193573a-1c00-7000-8000-${String(lastId).padStart(12, '0')}` as LeadId
  const email = 'ana@acme.example'
  const lead: Lead = {
    id,
    form: 'contact',
    person: `email:${email}` as OrderingKey,
    email,
    attributes: [],
    acceptedAt: now,
    notes: [],
    ...more,
  }
  const form = { name: 'contact', rules, fields: [] } as unknown as ValidPost['form']
  const submission = { fields: new Map(), extras: new Map([['_id', lead.id as string]]) }
  return { form, submission, lead, page: undefined, network: undefined, now }
}

function finds(rule: Guard['rule'], finding: Finding | undefined = { reason: 'seen' }): Guard {
  return { rule, examine: () => finding }
}

describe('the screen of posts', () => {
  it('lets a post through that no guard objects to', async () => {
    const { screen, events } = screenUnderTest([{ rule: 'honeypot', examine: () => undefined }], createMemoryOutbox())
    const post = postOf({ honeypot: 'drop' })

    expect(await screen(post)).toEqual({ lead: post.lead, isDropped: false })
    expect(events).toEqual([])
  })

  it('does not ask the guard of a rule that is off', async () => {
    let asked = 0
    const guard: Guard = { rule: 'honeypot', examine: () => (asked++, { weak: true }) }
    const { screen } = screenUnderTest([guard], createMemoryOutbox())
    const post = postOf({ honeypot: 'off' })

    expect(await screen(post)).toEqual({ lead: post.lead, isDropped: false })
    expect(asked).toBe(0)
  })

  it('delivers a lead that a rule watches, and reports what it found', async () => {
    const { screen, events } = screenUnderTest([finds('links')], createMemoryOutbox())
    const post = postOf({ links: 'watch' })

    expect((await screen(post)).lead.hold).toBeUndefined()
    expect(events).toEqual([{ event: 'watched', id: post.lead.id, form: 'contact', rule: 'links', reason: 'seen' }])
  })

  it('holds a lead with the reasons of all rules that hold it', async () => {
    const guards = [finds('links', { reason: 'a link in FirstName' }), finds('honeypot', {}), finds('formula')]
    const { screen, events } = screenUnderTest(guards, createMemoryOutbox())

    const { lead, isDropped } = await screen(postOf({ links: 'hold', formula: 'watch' }))

    expect(isDropped).toBe(false)
    expect(lead.hold).toBe('links: a link in FirstName; honeypot')
    expect(events.map(({ event }) => event)).toEqual(['held', 'held', 'watched'])
  })

  it('drops a lead, but holds the first of each form, rule and day as a sample', async () => {
    const { screen, events, findings } = screenUnderTest([finds('honeypot')], createMemoryOutbox())
    const drop = { honeypot: 'drop' } as const

    const [first, second, nextDay] = [
      await screen(postOf(drop)),
      await screen(postOf(drop)),
      await screen(postOf(drop, {}, NOW + DAY_MS)),
    ]

    expect(first).toMatchObject({ isDropped: false, lead: { hold: 'sample of what the rule honeypot drops' } })
    expect(second).toMatchObject({ isDropped: true })
    expect(nextDay).toMatchObject({ isDropped: false, lead: { hold: 'sample of what the rule honeypot drops' } })
    expect(events.map(({ event }) => event)).toEqual(['dropped', 'dropped', 'dropped'])
    expect(findings.counts()).toEqual([{ form: 'contact', rule: 'honeypot', watched: 0, held: 0, dropped: 3 }])
  })

  it('leaves out the cookie of a lead with weak evidence, and marks the lead', async () => {
    const { screen } = screenUnderTest([finds('ticket', { weak: true })], createMemoryOutbox())

    const { lead } = await screen(postOf({ ticket: 'watch' }, { cookie: COOKIE }))

    expect(lead).toMatchObject({
      weak: true,
      cookieLeftOut: COOKIE,
      notes: ['cookie left out: weak evidence (ticket)'],
    })
    expect(lead.cookie).toBeUndefined()
  })

  it.each([['watch'], ['hold'], ['drop']] as const)(
    'holds a lead whose question could not be answered, with the setting %s',
    async (setting) => {
      const guard = finds('challenge', { atLeast: 'hold', reason: 'the provider does not answer' })
      const { screen } = screenUnderTest([guard], createMemoryOutbox())

      expect(await screen(postOf({ challenge: setting }))).toMatchObject({
        isDropped: false,
        lead: { hold: 'challenge: the provider does not answer' },
      })
    },
  )

  it('waits for guards that ask elsewhere', async () => {
    const guard: Guard = { rule: 'challenge', examine: async () => ({ reason: 'not solved' }) }
    const { screen } = screenUnderTest([guard], createMemoryOutbox())

    expect((await screen(postOf({ challenge: 'hold' }))).lead.hold).toBe('challenge: not solved')
  })

  it.each([
    ['throws', () => Promise.reject(new Error('broken'))],
    [
      'rejects',
      () => {
        throw new Error('broken')
      },
    ],
  ])('counts a guard that %s as one that finds nothing, and reports it', async (_, examine) => {
    const { screen, failures } = screenUnderTest([{ rule: 'challenge', examine }], createMemoryOutbox())
    const post = postOf({ challenge: 'drop' })

    expect(await screen(post)).toEqual({ lead: post.lead, isDropped: false })
    expect(failures).toEqual([['challenge', new Error('broken')]])
  })

  it.each([
    ['unchanged', {}],
    ['without its cookie', { weak: true }],
  ])('lets a post through that is sent again, whatever the rules say: it was stored %s', async (_, finding) => {
    const outbox = createMemoryOutbox()
    let found: Finding | undefined = 'weak' in finding ? { weak: true } : undefined
    const { screen, findings } = screenUnderTest([{ rule: 'ticket', examine: () => found }], outbox)
    const post = postOf({ ticket: 'drop' }, { cookie: COOKIE })
    const watched = { ...post, form: { ...post.form, rules: { ticket: 'watch' } } } as ValidPost
    const first = await screen(watched)
    await outbox.add([first.lead], NOW)
    const before = findings.counts()
    found = { weak: true, reason: 'the ticket was used' }

    const again = await screen(post)

    expect(again).toEqual({ lead: post.lead, isDropped: false })
    expect(findings.counts()).toEqual(before)
  })

  it('asks the rules about a known id with another content', async () => {
    const outbox = createMemoryOutbox()
    const { screen } = screenUnderTest([finds('honeypot')], outbox)
    const post = postOf({ honeypot: 'hold' })
    await outbox.add([post.lead], NOW)

    const other = { ...post, lead: { ...post.lead, attributes: [{ name: 'FirstName', value: 'Bob' }] } }

    expect((await screen(other)).lead.hold).toBe('honeypot: seen')
  })
})

describe('the addresses of test mode', () => {
  it('make the rule fire that they name, and no other', async () => {
    const { screen } = screenUnderTest(createTestGuards(), createMemoryOutbox())
    const post = postOf({ links: 'hold', markup: 'hold', honeypot: 'hold' }, { email: 'Rule+links@example.com' })

    expect((await screen(post)).lead.hold).toBe('links: asked for by its address')
  })
})
