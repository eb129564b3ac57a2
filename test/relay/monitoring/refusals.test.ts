/** A page on which leads are lost is told, and neither a visitor's text nor a flood of refusals fills the log or the memory. */
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { createRefusals } from '../../../relay/monitoring/refusals.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ACME = 'https://www.acme.example'

function refusalsUnderTest() {
  const events: LogEvent[] = []
  let time = 1_000 * HOUR
  const refusals = createRefusals({
    isForm: (name) => name === 'contact' || name === 'pilot',
    now: () => time,
    log: (event) => events.push(event),
  })
  const times = (count: number, work: () => void) => Array.from({ length: count }, work)
  return { ...refusals, events, times, pass: (ms: number) => (time += ms) }
}

describe('a refused submission', () => {
  it('is an event with form, code, origin and the names of the fields', () => {
    const { refused, events } = refusalsUnderTest()

    refused({
      form: 'contact',
      code: 'fields',
      origin: ACME,
      errors: [
        { field: 'Email', code: 'required' },
        { field: 'Size', code: 'format' },
      ],
    })
    refused({ form: 'kontakt', code: 'form', origin: null })
    refused({ code: 'key' })

    expect(events).toEqual([
      { event: 'refused', form: 'contact', code: 'fields', origin: ACME, fields: ['Email: required', 'Size: format'] },
      { event: 'refused', form: 'kontakt', code: 'form' },
      { event: 'refused', code: 'key' },
    ])
  })

  it('of a page that asked for a ticket before counts once for the issue', () => {
    const { refused, counts, issues, times } = refusalsUnderTest()
    const page = { form: 'contact', code: 'origin', origin: 'https://acme.example' } as const

    times(9, () => refused({ ...page, ofTicket: true }))
    times(9, () => refused(page))
    const few = issues()
    refused(page)

    expect(few).toEqual([])
    expect(issues()).toMatchObject([{ kind: 'turned-away', count: 10 }])
    expect(counts()).toEqual([{ ...page, count: 19 }])
  })

  it('whose upload was aborted is counted alone', () => {
    const { refused, events, counts } = refusalsUnderTest()

    refused({ form: 'contact', code: 'aborted', origin: ACME })

    expect(events).toEqual([])
    expect(counts()).toEqual([{ form: 'contact', code: 'aborted', origin: ACME, count: 1 }])
  })

  it('is counted by form, code and origin', () => {
    const { refused, counts, times } = refusalsUnderTest()

    times(3, () => refused({ form: 'contact', code: 'origin', origin: 'https://acme.example' }))
    refused({ form: 'contact', code: 'fields', origin: ACME })
    refused({ form: 'pilot', code: 'fields', origin: ACME })

    expect(counts()).toEqual([
      { form: 'contact', code: 'origin', origin: 'https://acme.example', count: 3 },
      { form: 'contact', code: 'fields', origin: ACME, count: 1 },
      { form: 'pilot', code: 'fields', origin: ACME, count: 1 },
    ])
  })

  it.each([
    ['Johanna Meier <j@x.example>', ACME],
    ['contact\u001b[2J', 'https://www.acme.example/path'],
    ['x'.repeat(65), `https://${'a'.repeat(300)}.example`],
  ])('with a form or an origin that nobody would choose shows neither: %j', (form, origin) => {
    const { refused, events, counts } = refusalsUnderTest()

    refused({ form, code: 'form', origin })

    const shown = JSON.stringify([events, counts()])
    expect(shown).not.toContain(form.slice(0, 12))
    if (origin !== ACME) expect(shown).not.toContain(origin)
    expect(shown).toContain('(unreadable)')
  })

  it('has no event of its own in a flood: the next minute says how many were left out', () => {
    const { refused, events, times, pass, counts } = refusalsUnderTest()

    times(5_000, () => refused({ form: 'contact', code: 'origin', origin: 'https://evil.example' }))
    refused({ form: 'contact', code: 'fields', origin: ACME })
    expect(events).toHaveLength(11)
    pass(MINUTE)
    refused({ form: 'contact', code: 'origin', origin: 'https://evil.example' })

    expect(events.at(-1)).toMatchObject({ event: 'refused', origin: 'https://evil.example', unreported: 4_990 })
    expect(counts()[0]).toMatchObject({ count: 5_001 })
  })

  it('of any of 100,000 forms and origins takes bounded memory, and is counted', () => {
    const { refused, counts, events } = refusalsUnderTest()

    for (let at = 0; at < 100_000; at += 1) {
      refused({ form: `form-${at % 1_000}`, code: 'form', origin: `https://a${at}.example` })
    }

    expect(counts().length).toBeLessThan(520)
    expect(counts().reduce((sum, { count }) => sum + count, 0)).toBe(100_000)
    expect(events.length).toBeLessThan(600)
  })
})

describe('the issue turned-away', () => {
  it('names a form most of whose submissions are refused, and the field', () => {
    const { refused, accepted, issues, times } = refusalsUnderTest()

    times(9, () => accepted('contact'))
    times(9, () =>
      refused({ form: 'contact', code: 'fields', origin: ACME, errors: [{ field: 'Email', code: 'required' }] }),
    )
    expect(issues()).toEqual([])
    refused({ form: 'contact', code: 'unreadable', origin: ACME })

    expect(issues()).toEqual([
      {
        kind: 'turned-away',
        count: 10,
        reason: 'most posts of the form contact are refused (fields, most often Email: required)',
      },
    ])
  })

  it('names a page that is not listed, and a form that does not exist', () => {
    const { refused, accepted, issues, times } = refusalsUnderTest()

    times(100, () => accepted('contact'))
    times(11, () => refused({ form: 'contact', code: 'origin', origin: 'https://acme.example' }))
    times(10, () => refused({ form: 'kontakt', code: 'form', origin: ACME }))

    expect(issues()).toEqual([
      {
        kind: 'turned-away',
        count: 11,
        reason:
          'the page https://acme.example posts the form contact, which does not list it; and 1 more, see the events "refused"',
      },
    ])
  })

  it('is over when no submission was refused for two hours', () => {
    const { refused, issues, times, pass } = refusalsUnderTest()

    times(10, () => refused({ form: 'kontakt', code: 'form', origin: ACME }))
    pass(HOUR)
    expect(issues()).toMatchObject([
      { kind: 'turned-away', reason: 'pages post the form kontakt, which does not exist' },
    ])
    pass(HOUR)

    expect(issues()).toEqual([])
  })

  it('does not count what says nothing about the page', () => {
    const { refused, issues, times } = refusalsUnderTest()

    for (const code of ['unavailable', 'aborted', 'rate'] as const) {
      times(50, () => refused({ form: 'contact', code, origin: ACME }))
    }

    expect(issues()).toEqual([])
  })
})

describe('a field that the form does not define', () => {
  it('is named once several submissions had it, and once only', () => {
    const { accepted, events } = refusalsUnderTest()

    accepted('contact', ['Wolfgang_Meier_1970', 'phone'])
    accepted('contact', ['phone'])
    expect(events).toEqual([])
    accepted('contact', ['phone'])
    accepted('contact', ['phone'])

    expect(events).toEqual([{ event: 'fields-unknown', form: 'contact', fields: ['phone'] }])
  })

  it('takes bounded memory', () => {
    const { accepted, events } = refusalsUnderTest()

    for (let post = 0; post < 3; post += 1)
      accepted(
        'contact',
        Array.from({ length: 1_000 }, (_, at) => `f${at}`),
      )

    expect(events).toMatchObject([{ fields: { length: 200 } }])
  })
})
