import { describe, expect, it } from 'vitest'
import type { Field } from '../../../relay/config/forms.ts'
import { readAnswer } from '../../../relay/intake/field-value.ts'

const TEXTAREA: Field = {
  name: 'message',
  attribute: 'Message__c',
  type: 'textarea',
  label: 'Message',
  required: false,
  maxLength: 30_000,
  multiple: false,
  options: [],
  blank: 'skip',
}

describe('the answer in a text area', () => {
  it.each([
    ['30,000 letters of one byte', 'a'.repeat(30_000), true],
    ['10,000 letters of three bytes', '€'.repeat(10_000), true],
    ['one letter of three bytes more than there is room for', '€'.repeat(10_001), false],
    ['as many pairs of surrogates as there is room for', '😀'.repeat(7_500), true],
    ['one such pair more', '😀'.repeat(7_501), false],
  ])('fits into Marketo’s 30,000 bytes or is refused: %s', (_what, text, fits) => {
    expect(readAnswer(TEXTAREA, [text])).toEqual(
      fits ? { ok: true, value: text } : { ok: false, code: 'too-long', message: 'Message is too long.' },
    )
  })
})

describe('several answers', () => {
  const topics: Field = {
    ...TEXTAREA,
    name: 'topics',
    type: 'choice',
    multiple: true,
    options: ['a', 'b'].map((value) => ({ value, label: value })),
  }

  it.each([
    ['one', ['a'], 'a'],
    ['two', ['a', 'b'], 'a;b'],
    ['the same twice', ['b', 'b'], 'b'],
    ['one and a blank', [' ', 'b'], 'b'],
    ['none', [], undefined],
  ])('are joined by semicolons: %s', (_what, posted, value) => {
    expect(readAnswer(topics, posted)).toEqual({ ok: true, value })
  })
})
