import { describe, expect, it } from 'vitest'
import { nextTurn, orderOf, type VisitorRow } from '../../../relay/outbox/cookie-turns.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const LEASE = 100 * SECOND

/** A visitor whose turn began at `T` for the lead `b`. */
const ROW: VisitorRow = { newest: 'b', began_at: T, lasts_ms: LEASE }

describe('the turn of a cookie', () => {
  it('is given to the first lead of a visitor', () => {
    expect(nextTurn(undefined, 'a', LEASE, T)).toStrictEqual({ newest: 'a', began_at: T, lasts_ms: LEASE, waitMs: 0 })
  })

  it.each([
    ['during the turn of a newer one', T + SECOND],
    ['after it', T + LEASE],
    ['years later', T + 1_000 * LEASE],
  ])('is never given to an older lead: %s', (_, now) => {
    expect(nextTurn(ROW, 'a', LEASE, now)).toBeUndefined()
  })

  it.each([
    ['a newer lead', 'c'],
    ['the same lead, whose outbox has died meanwhile', 'b'],
  ])('is given to %s when the call before it must be over, and not sooner', (_, order) => {
    const during = nextTurn(ROW, order, LEASE, T + LEASE - 1)
    const after = nextTurn(ROW, order, LEASE, T + LEASE)

    expect(during).toStrictEqual({ newest: order, began_at: T, lasts_ms: LEASE, waitMs: 1 })
    expect(after).toStrictEqual({ newest: order, began_at: T + LEASE, lasts_ms: LEASE, waitMs: 0 })
  })

  it('lasts as long as it was begun for, whatever the next outbox asks for', () => {
    expect(nextTurn(ROW, 'c', SECOND, T + 99 * SECOND)).toMatchObject({ waitMs: SECOND })
  })

  it('is not given to the older lead again once a newer one waits for it', () => {
    const waiting = nextTurn(ROW, 'c', LEASE, T + SECOND)

    expect(nextTurn(waiting, 'b', LEASE, T + LEASE)).toBeUndefined()
  })

  it('ends early by the lead that has it, so that the next one goes at once', () => {
    const ended = nextTurn(ROW, 'b', 0, T + SECOND)

    expect(nextTurn(ended, 'c', LEASE, T + SECOND)).toMatchObject({ began_at: T + SECOND, waitMs: 0 })
  })

  it('is not ended by an older lead', () => {
    expect(nextTurn(ROW, 'a', 0, T + SECOND)).toBeUndefined()
  })

  it('lasts its own length after the clock was set back', () => {
    const HOUR = 3_600 * SECOND
    const set = nextTurn(ROW, 'c', LEASE, T - HOUR)

    expect(set).toMatchObject({ waitMs: LEASE })
    expect(nextTurn(set, 'c', LEASE, T - HOUR + LEASE)).toMatchObject({ began_at: T - HOUR + LEASE, waitMs: 0 })
  })
})

describe('the order of owed cookies', () => {
  const owed = { id: 'b', leadId: 7, email: 'b@acme.example', cookie: 'c', acceptedAt: T }

  it.each([
    ['a later lead', { acceptedAt: T + 1, id: 'a', leadId: 1 }],
    ['a lead of the same time with another id', { id: 'c' }],
    ['a lead of the same time and id, of another person', { leadId: 8 }],
  ])('has a larger text for %s', (_, over) => {
    expect(orderOf({ ...owed, ...over }) > orderOf(owed)).toBe(true)
  })

  it('is the same for one lead, whichever attempt it is', () => {
    expect(orderOf({ ...owed })).toBe(orderOf(owed))
  })
})
