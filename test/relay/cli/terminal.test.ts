import { describe, expect, it } from 'vitest'
import { counted, createProgress, duration, printable, wrap, type Terminal } from '../../../relay/cli/terminal.ts'
import { formatList, formatParked } from '../../../relay/cli/parked-report.ts'
import { formatFailures, formatReport } from '../../../relay/cli/replay-report.ts'
import type { ParkedLead } from '../../../relay/admin/parked-leads.ts'
import { NOW } from '../../support/relay.ts'

const MINUTE = 60_000

/** Creates a terminal of this width that marks bold text with asterisks. */
function terminal(width: number): Terminal {
  const plain = (text: string) => text
  return { width, bold: (text) => `*${text}*`, dim: plain, error: plain, warning: plain }
}

const ANA: ParkedLead = {
  id: '0193573a-1c00-7000-8000-0123456789ab',
  form: 'contact',
  acceptedAt: '2026-11-23T09:27:05.000Z',
  parkedAt: '2026-11-23T09:28:07.000Z',
  attempts: 14,
  reason: '20105 Lead Attribute Bad: Hat__c',
  history: [
    {
      reason: '20106 Lead Sync Failed',
      times: 13,
      first: '2026-11-23T09:27:06.000Z',
      last: '2026-11-23T09:28:05.000Z',
    },
    {
      reason: '20105 Lead Attribute Bad: Hat__c',
      times: 1,
      first: '2026-11-23T09:28:07.000Z',
      last: '2026-11-23T09:28:07.000Z',
    },
  ],
  attributes: ['FirstName', 'Hat__c'],
  rejectedAttributes: [],
  staleAttributes: ['FirstName'],
  notes: [],
}

const BEN: ParkedLead = {
  ...ANA,
  id: '0193573a-1c00-7000-8000-0123456789ac',
  form: 'pilot',
  attempts: 2,
  leadId: 700_001,
  attributes: ['Hat__c'],
  rejectedAttributes: ['Hat__c'],
  staleAttributes: [],
}

const VALUES = { email: 'ana@acme.example', attributes: { FirstName: 'Ana\u001B[2J', Hat__c: '' } }

describe('the list of parked leads', () => {
  it('is a table on a wide terminal', () => {
    const list = formatList(terminal(120), { total: 2, parked: [ANA, BEN] }, NOW)

    expect(list).toBe(`2 leads are parked, the oldest for 1 minute.

ID                                    FORM     PARKED (UTC)      ATTEMPTS  REASON
0193573a-1c00-7000-8000-0123456789ab  contact  2026-11-23 09:28        14  20105 Lead Attribute Bad: Hat__c
0193573a-1c00-7000-8000-0123456789ac  pilot    2026-11-23 09:28         2  20105 Lead Attribute Bad: Hat__c; delivered
                                                                           without Hat__c

Show one in full: form-sync parked <id>. Send leads again: form-sync replay.`)
  })

  it('has the reason below each lead on a terminal of 80 columns', () => {
    const list = formatList(terminal(80), { total: 9, parked: [ANA, { ...BEN, values: VALUES }] }, NOW)

    expect(list).toBe(`The first 2 of 9 parked leads, the oldest for 1 minute.

*0193573a-1c00-7000-8000-0123456789ab*  contact  2026-11-23 09:28 UTC  14 attempts
  20105 Lead Attribute Bad: Hat__c

*0193573a-1c00-7000-8000-0123456789ac*  pilot  2026-11-23 09:28 UTC  2 attempts
  20105 Lead Attribute Bad: Hat__c; delivered without Hat__c
  email: ana@acme.example
  FirstName: Ana\\u001b[2J
  Hat__c: (empty: clears the attribute)

Show one in full: form-sync parked <id>. Send leads again: form-sync replay.`)
  })

  it.each([40, 60, 80, 100, 120, 200])('has no line longer than %d columns', (width) => {
    const long = { ...ANA, form: 'a-form-of-a-rather-long-name', reason: 'a long reason '.repeat(25) }

    const list = formatList({ ...terminal(width), bold: (text) => text }, { total: 2, parked: [long, BEN] }, NOW)

    expect(Math.max(...list.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  it('says so if no leads are parked', () => {
    expect(formatList(terminal(80), { total: 0, parked: [] }, NOW)).toBe('No leads are parked.')
  })
})

describe('one parked lead', () => {
  it('is shown with its history', () => {
    expect(formatParked(terminal(80), ANA, NOW)).toBe(`*0193573a-1c00-7000-8000-0123456789ab*

form          contact
accepted      2026-11-23 09:27:05 UTC
parked        2026-11-23 09:28:07 UTC, 1 minute ago
attempts      14
reason        20105 Lead Attribute Bad: Hat__c
attributes    FirstName, Hat__c
stale         FirstName

History (UTC)
2026-11-23 09:27:06 to 2026-11-23 09:28:05, 13 times
  20106 Lead Sync Failed
2026-11-23 09:28:07
  20105 Lead Attribute Bad: Hat__c

See the values: form-sync show 0193573a-1c00-7000-8000-0123456789ab --values
Send it again: form-sync replay 0193573a-1c00-7000-8000-0123456789ab
Change it and send it again: form-sync edit 0193573a-1c00-7000-8000-0123456789ab
--set FirstName=… --drop …
Remove it: form-sync discard --id 0193573a-1c00-7000-8000-0123456789ab --reason
"…" --yes`)
  })

  it('is shown with its values, whose control characters are escaped', () => {
    const shown = formatParked(terminal(80), { ...BEN, values: VALUES }, NOW)

    expect(shown).toContain('delivered     as lead 700001, without the attributes below\n')
    expect(shown).toContain(
      'email         ana@acme.example\nFirstName     Ana\\u001b[2J\nHat__c        (empty: clears the attribute)\n',
    )
  })
})

describe('the report of a replay', () => {
  const SETTINGS = '  settings    of the forms in forms.json'
  const options = {
    selection: { all: true as const },
    edit: { drop: [], rename: {}, set: {} },
    settings: 'of the forms in forms.json',
    dryRun: false,
    deliveryNote: 'The relay sends them now.',
  }
  const replayed = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `lead-${at}`, result: 'replayed' as const }))

  it.each<[string, Partial<Parameters<typeof formatReport>[1]>, number, number, string[]]>([
    ['no leads are parked', {}, 0, 0, ['No leads are parked.']],
    ['one lead, replayed', {}, 1, 1, ['Replayed 1 lead.', SETTINGS, 'The relay sends them now.']],
    ['all leads', {}, 12_000, 12_000, ['Replayed 12,000 leads.', SETTINGS, 'The relay sends them now.']],
    [
      'some leads, edited',
      {
        selection: { all: true, form: 'contact', reason: '20105' },
        edit: {
          drop: ['Cap__c'],
          rename: { Hat__c: 'Hut__c' },
          set: { Size__c: 'large' },
          workspace: 'Europe',
          cookie: null,
        },
      },
      5,
      3,
      [
        'Replayed 3 of 5 parked leads.',
        '  selection   form contact, reason contains "20105"',
        SETTINGS,
        '  edit        rename Hat__c to Hut__c, drop Cap__c, set Size__c, workspace',
        '              Europe, no cookie',
        'The relay sends them now.',
      ],
    ],
    ['none of the leads', {}, 5, 0, ['Replayed 0 of 5 parked leads.', SETTINGS]],
    [
      'one of two ids',
      { selection: { ids: ['a', 'b'] } },
      2,
      1,
      ['Replayed 1 of 2 leads.', SETTINGS, 'The relay sends them now.'],
    ],
    ['a dry run', { dryRun: true }, 5, 5, ['Would replay 5 leads.', SETTINGS, 'Nothing was changed.']],
  ])('states the number of leads: %s', (_, over, seen, count, lines) => {
    const report = formatReport(terminal(80), { ...options, ...over }, { seen, results: replayed(count) })

    expect(report.split('\n')).toEqual(lines)
  })

  it('lists the leads that were not replayed, with the reasons', () => {
    const failures = formatFailures(terminal(80), [
      { id: 'a', result: 'unknown' },
      { id: 'b', result: 'not-parked' },
      { id: ANA.id, result: 'name-taken', name: 'Hut__c' },
      { id: BEN.id, result: 'name-taken', name: 'A_name_that_takes_more_room__c' },
    ])

    expect(failures).toBe(`Not replayed: 4
  a  no lead has this id
  b  not parked: it is waiting or delivered
  0193573a-1c00-7000-8000-0123456789ab  still parked: it would have Hut__c twice
  0193573a-1c00-7000-8000-0123456789ac
    still parked: it would have A_name_that_takes_more_room__c twice`)
  })

  it('lists at most 20 failures and counts the others', () => {
    const failed = Array.from({ length: 1_500 }, (_, at) => ({ id: `lead-${at}`, result: 'unknown' as const }))

    const lines = formatFailures(terminal(80), failed).split('\n')

    expect(lines).toHaveLength(22)
    expect(lines.at(-1)).toBe('  and 1,480 more; use --json to list all')
  })
})

describe('the progress of a command', () => {
  function progressOn(isTTY: boolean) {
    const written: string[] = []
    let now = NOW
    const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
    const progress = createProgress(stream, () => now)
    return {
      written,
      progress,
      update(after: number, text: string) {
        now = NOW + after
        progress.update(text)
      },
    }
  }

  it('is not written within the first second', () => {
    const { written, progress, update } = progressOn(true)

    update(999, '1 of 2')
    progress.end()

    expect(written).toEqual([])
  })

  it('is written once a second in one line of a terminal, which is cleared at the end', () => {
    const { written, progress, update } = progressOn(true)

    update(1_000, '1 of 4')
    update(1_999, '2 of 4')
    update(2_000, '3 of 4')
    progress.end()

    expect(written).toEqual(['\r\u001B[2K1 of 4', '\r\u001B[2K3 of 4', '\r\u001B[2K'])
  })

  it('is not written to a file', () => {
    const { written, progress, update } = progressOn(false)

    update(1_000, '1 of 4')
    progress.end()

    expect(written).toEqual([])
  })
})

describe('text for a terminal', () => {
  it.each([
    ['an escape sequence', 'a\u001B[2Jb\u009Bc', 'a\\u001b[2Jb\\u009bc'],
    ['line breaks', 'one\ntwo\tthree\r', 'one\\ntwo\\tthree\\u000d'],
    ['a change of direction', 'a\u202Eb\u2066c', 'a\\u202eb\\u2066c'],
    ['printable characters', 'Zoë 👩‍👩‍👧 שלום', 'Zoë 👩‍👩‍👧 שלום'],
  ])('has its control characters escaped: %s', (_, text, printed) => {
    expect(printable(text)).toBe(printed)
  })

  it.each([
    ['short', 10, ['short']],
    ['one two three', 7, ['one two', 'three']],
    ['unbreakable words', 5, ['unbre', 'akabl', 'e', 'words']],
    ['no limit', Infinity, ['no limit']],
    ['', 5, ['']],
  ])('is wrapped between words: %s', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines)
  })

  it.each([
    [0, '0 seconds'],
    [1_999, '1 second'],
    [59 * MINUTE, '59 minutes'],
    [60 * MINUTE, '1 hour'],
    [47 * 60 * MINUTE, '1 day'],
    [1_200 * 24 * 60 * MINUTE, '1,200 days'],
    [-5, '0 seconds'],
  ])('states a duration of %d ms in its largest unit', (ms, expected) => {
    expect(duration(ms)).toBe(expected)
  })

  it('has the singular and plural of a counted noun', () => {
    expect([0, 1, 2, 12_000].map((count) => counted(count, 'lead'))).toEqual([
      '0 leads',
      '1 lead',
      '2 leads',
      '12,000 leads',
    ])
  })
})
