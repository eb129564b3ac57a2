import { describe, expect, it } from 'vitest'
import { csvRow } from '../../../relay/admin/csv.ts'

describe('a row of CSV', () => {
  it('has each cell in quotes, with quotes doubled', () => {
    expect(csvRow(['a', 'say "hi"', 'one,\ntwo', ''])).toBe('"a","say ""hi""","one,\ntwo",""')
  })

  // The characters are those of OWASP, "CSV Injection".
  it.each(['=1+1', '+49 30 123', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '  =1', '\n=cmd'])(
    'has an apostrophe before what a spreadsheet may take for a formula: %j',
    (cell) => {
      expect(csvRow([cell])).toBe(`"'${cell}"`)
    },
  )

  it.each(['a=b', '1-2', 'ana@acme.example', "'x"])('leaves other cells as they are: %s', (cell) => {
    expect(csvRow([cell])).toBe(`"${cell}"`)
  })
})
