import { describe, expect, it } from 'vitest'
import { counted, createProgress, duration, printable, wrap, type Terminal } from '../../../relay/cli/terminal.ts'
import { leadOn, listOn } from '../../../relay/cli/parked.ts'
import { failuresOn, reportOn } from '../../../relay/cli/replay.ts'
import type { ParkedLead } from '../../../relay/admin/parked-leads.ts'
import { NOW } from '../../support/relay.ts'

const MINUTE = 60_000

/** Paper so wide, on which bold and dim show. */
function paper(width: number): Terminal {
  return { width, bold: (text) => `*${text}*`, dim: (text) => text }
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

describe('the list of what is parked', () => {
  it('is a table on a wide terminal', () => {
    const list = listOn(paper(120), { total: 2, parked: [ANA, BEN] }, NOW)

    expect(list).toBe(`2 leads are parked, the oldest for 1 minute.

ID                                    FORM     PARKED (UTC)      ATTEMPTS  REASON
0193573a-1c00-7000-8000-0123456789ab  contact  2026-11-23 09:28        14  20105 Lead Attribute Bad: Hat__c
0193573a-1c00-7000-8000-0123456789ac  pilot    2026-11-23 09:28         2  20105 Lead Attribute Bad: Hat__c; delivered
                                                                           but for Hat__c

form-sync parked <id> shows one in full; form-sync replay sends them again.`)
  })

  it('has the reason under each lead on one of eighty columns', () => {
    const list = listOn(paper(80), { total: 9, parked: [ANA, { ...BEN, values: VALUES }] }, NOW)

    expect(list).toBe(`The first 2 of 9 parked leads, the oldest for 1 minute.

*0193573a-1c00-7000-8000-0123456789ab*  contact  2026-11-23 09:28 UTC  14 attempts
  20105 Lead Attribute Bad: Hat__c

*0193573a-1c00-7000-8000-0123456789ac*  pilot  2026-11-23 09:28 UTC  2 attempts
  20105 Lead Attribute Bad: Hat__c; delivered but for Hat__c
  email: ana@acme.example
  FirstName: Ana\\u001b[2J
  Hat__c: (empty: it clears the attribute)

form-sync parked <id> shows one in full; form-sync replay sends them again.`)
  })

  it.each([40, 60, 80, 100, 120, 200])('has no line that is longer than %d columns', (width) => {
    const long = { ...ANA, form: 'a-form-of-a-rather-long-name', reason: 'no words that end '.repeat(20) }

    const list = listOn({ ...paper(width), bold: (text) => text }, { total: 2, parked: [long, BEN] }, NOW)

    expect(Math.max(...list.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  it('says when nothing is', () => {
    expect(listOn(paper(80), { total: 0, parked: [] }, NOW)).toBe('Nothing is parked.')
  })
})

describe('one parked lead', () => {
  it('is shown with its history', () => {
    expect(leadOn(paper(80), ANA, NOW)).toBe(`*0193573a-1c00-7000-8000-0123456789ab*

form          contact
accepted      2026-11-23 09:27:05 UTC
parked        2026-11-23 09:28:07 UTC, 1 minute ago
attempts      14
reason        20105 Lead Attribute Bad: Hat__c
attributes    FirstName, Hat__c
superseded    FirstName

History (UTC)
2026-11-23 09:27:06 to 2026-11-23 09:28:05, 13 times
  20106 Lead Sync Failed
2026-11-23 09:28:07
  20105 Lead Attribute Bad: Hat__c

form-sync replay 0193573a-1c00-7000-8000-0123456789ab sends it again.`)
  })

  it('is shown with its values, and none of them steers the terminal', () => {
    const shown = leadOn(paper(80), { ...BEN, values: VALUES }, NOW)

    expect(shown).toContain('delivered     as lead 700001, but for the attributes here\n')
    expect(shown).toContain(
      'email         ana@acme.example\nFirstName     Ana\\u001b[2J\nHat__c        (empty: it clears the attribute)\n',
    )
  })
})

describe('what a replay did', () => {
  const how = { wish: { all: true as const }, mending: { drop: [], rename: {} }, dryRun: false, soon: 'They go now.' }
  const replayed = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `lead-${at}`, result: 'replayed' as const }))

  it.each<[string, Partial<Parameters<typeof reportOn>[1]>, number, number, string[]]>([
    ['nothing parked', {}, 0, 0, ['Nothing is parked.']],
    ['all of one', {}, 1, 1, ['Replayed 1 lead.', 'They go now.']],
    ['all', {}, 12_000, 12_000, ['Replayed 12,000 leads.', 'They go now.']],
    [
      'some, mended',
      {
        wish: { all: true, form: 'contact', reason: '20105' },
        mending: { drop: ['Cap__c'], rename: { Hat__c: 'Hut__c' } },
      },
      5,
      3,
      [
        'Replayed 3 of 5 parked leads.',
        '  chosen      of the form contact, with "20105" in the reason',
        '  mended      rename Hat__c to Hut__c, drop Cap__c',
        'They go now.',
      ],
    ],
    ['none of them', {}, 5, 0, ['Replayed 0 of 5 parked leads.']],
    ['one of two ids', { wish: { ids: ['a', 'b'] } }, 2, 1, ['Replayed 1 of 2 leads.', 'They go now.']],
    ['a dry run', { dryRun: true }, 5, 5, ['Would replay 5 leads.', 'Nothing was changed.']],
  ])('is said: %s', (_, over, seen, count, lines) => {
    const report = reportOn(paper(80), { ...how, ...over }, { seen, results: replayed(count) })

    expect(report.split('\n')).toEqual(lines)
  })

  it('names what stays as it is, and why', () => {
    const failures = failuresOn(paper(80), [
      { id: 'a', result: 'unknown' },
      { id: 'b', result: 'not-parked' },
      { id: ANA.id, result: 'name-taken', name: 'Hut__c' },
      { id: BEN.id, result: 'name-taken', name: 'A_name_that_takes_more_room__c' },
    ])

    expect(failures).toBe(`Not replayed: 4
  a  is not known here
  b  is not parked: it waits, or is delivered
  0193573a-1c00-7000-8000-0123456789ab  stays parked: it would have Hut__c twice
  0193573a-1c00-7000-8000-0123456789ac
    stays parked: it would have A_name_that_takes_more_room__c twice`)
  })

  it('counts those that would fill the screen', () => {
    const failed = Array.from({ length: 1_500 }, (_, at) => ({ id: `lead-${at}`, result: 'unknown' as const }))

    const lines = failuresOn(paper(80), failed).split('\n')

    expect(lines).toHaveLength(22)
    expect(lines.at(-1)).toBe('  and 1,480 more; --json names all')
  })
})

describe('how far a command is', () => {
  function progressOn(isTTY: boolean) {
    const written: string[] = []
    let now = NOW
    const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
    const progress = createProgress(stream, () => now)
    return {
      written,
      progress,
      tell(after: number, text: string) {
        now = NOW + after
        progress.tell(text)
      },
    }
  }

  it('is not told within a second', () => {
    const { written, progress, tell } = progressOn(true)

    tell(999, '1 of 2')
    progress.end()

    expect(written).toEqual([])
  })

  it('is told once a second after that, in one line of a terminal that is empty in the end', () => {
    const { written, progress, tell } = progressOn(true)

    tell(1_000, '1 of 4')
    tell(1_999, '2 of 4')
    tell(2_000, '3 of 4')
    progress.end()

    expect(written).toEqual(['\r\u001B[2K1 of 4', '\r\u001B[2K3 of 4', '\r\u001B[2K'])
  })

  it('is told in lines elsewhere', () => {
    const { written, progress, tell } = progressOn(false)

    tell(1_000, '1 of 4')
    progress.end()

    expect(written).toEqual(['1 of 4\n'])
  })
})

describe('words for a terminal', () => {
  it.each([
    ['a command to it', 'a\u001B[2Jb\u009Bc', 'a\\u001b[2Jb\\u009bc'],
    ['lines', 'one\ntwo\tthree\r', 'one\\ntwo\\tthree\\u000d'],
    ['letters turned round', 'a\u202Eb\u2066c', 'a\\u202eb\\u2066c'],
    ['what can be typed', 'Zoë 👩‍👩‍👧 שלום', 'Zoë 👩‍👩‍👧 שלום'],
  ])('hold no steering: %s', (_, text, printed) => {
    expect(printable(text)).toBe(printed)
  })

  it.each([
    ['short', 10, ['short']],
    ['one two three', 7, ['one two', 'three']],
    ['unbreakable words', 5, ['unbre', 'akabl', 'e', 'words']],
    ['as it is', Infinity, ['as it is']],
    ['', 5, ['']],
  ])('are broken where they can be: %s', (text, width, lines) => {
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
  ])('say how long %d milliseconds are', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  it('count', () => {
    expect([0, 1, 2, 12_000].map((count) => counted(count, 'lead'))).toEqual([
      '0 leads',
      '1 lead',
      '2 leads',
      '12,000 leads',
    ])
  })
})
