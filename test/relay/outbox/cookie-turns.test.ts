import { describe, expect, it } from 'vitest'
import { nextTurn, orderOf, type VisitorRow } from '../../../relay/outbox/cookie-turns.ts'
import { SECOND, T } from '../../suites/outbox/leads.ts'

const LEASE = 100 * SECOND

/** A visitor whose turn began at `T` for the lead `b`. */
const ROW: VisitorRow = { newest: 'b', began_at: T, lasts_ms: LEASE }

describe('the turn of a cookie', () => {
  it('is given to the first lead of a visitor', () => {
    const { answer, row } = nextTurn(undefined, 'a', LEASE, T)

    expect(answer).toStrictEqual({ turn: T })
    expect(row).toStrictEqual({ newest: 'a', began_at: T, lasts_ms: LEASE })
  })

  it.each([
    ['during the turn of a newer one', T + SECOND],
    ['after it', T + LEASE],
    ['years later', T + 1_000 * LEASE],
  ])('is never given to an older lead: %s', (_, now) => {
    expect(nextTurn(ROW, 'a', LEASE, now)).toStrictEqual({ answer: 'overtaken' })
  })

  it.each([
    ['a newer lead', 'c'],
    ['the same lead, whose outbox has died meanwhile', 'b'],
  ])('is given to %s when the call before it must be over, and not sooner', (_, order) => {
    const during = nextTurn(ROW, order, LEASE, T + LEASE - 1)
    const after = nextTurn(ROW, order, LEASE, T + LEASE)

    expect(during.answer).toStrictEqual({ waitMs: 1 })
    expect(after).toStrictEqual({
      answer: { turn: T + LEASE },
      row: { newest: order, began_at: T + LEASE, lasts_ms: LEASE },
    })
  })

  it('lasts as long as it was begun for, whatever the next outbox asks for', () => {
    expect(nextTurn(ROW, 'c', SECOND, T + 99 * SECOND).answer).toStrictEqual({ waitMs: SECOND })
  })

  it('is not given to the older lead again once a newer one waits for it', () => {
    const waiting = nextTurn(ROW, 'c', LEASE, T + SECOND)

    expect(waiting.row).toStrictEqual({ newest: 'c', began_at: T, lasts_ms: LEASE })
    expect(nextTurn(waiting.row, 'b', LEASE, T + LEASE).answer).toBe('overtaken')
  })

  it('lasts its own length after the clock was set back', () => {
    const HOUR = 3_600 * SECOND
    const set = nextTurn(ROW, 'c', LEASE, T - HOUR)

    expect(set.answer).toStrictEqual({ waitMs: LEASE })
    expect(nextTurn(set.row, 'c', LEASE, T - HOUR + LEASE).answer).toStrictEqual({ turn: T - HOUR + LEASE })
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
