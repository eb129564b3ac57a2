/** Describes the marks of a line in words, for tooltips and screen readers. Pure. */
import { reasonOf } from '../call/reasons.ts'
import { count, pageName, pathOf } from '../data/names.ts'
import { clockTime } from '../data/times.ts'
import type { Mark } from './layout.ts'

/** Describes a mark in a few short texts. The first is the heading. */
export function describe(mark: Mark): string[] {
  const time = clockTime(mark.at)
  switch (mark.kind) {
    case 'visit':
      return [pageName(mark), pathOf(mark.url), time]
    case 'known':
      return ['Became known', `by call ${mark.call}`, time]
    case 'sync':
      return [mark.status === 'CREATED' ? 'Created' : 'Updated', `by call ${mark.call}`, time]
    case 'associated':
      return ['Cookie associated', `by call ${mark.call}`, time]
    case 'form':
      return [`Filled out ${mark.form}`, `by call ${mark.call}`, time]
    case 'custom':
      return [`${mark.activity}: ${mark.primaryValue}`, `by call ${mark.call}`, time]
    case 'fault':
      return [
        `Failed: ${reasonOf(mark.code)}`,
        [`call ${mark.call}`, mark.operation, mark.code].filter(Boolean).join(', '),
        time,
      ]
    default:
      return mark satisfies never
  }
}

/** Summarises a line: `4 visits, then known, 1 failed call`. */
export function summary(marks: readonly Mark[]): string {
  const visits = marks.filter((mark) => mark.kind === 'visit').length
  const failed = marks.filter((mark) => mark.kind === 'fault').length
  const known = marks.some((mark) => mark.kind === 'known') ? ', then known' : ''
  return `${count(visits, 'visit')}${known}${failed ? `, ${count(failed, 'failed call')}` : ''}`
}
