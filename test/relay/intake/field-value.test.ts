import { describe, expect, it } from 'vitest'
import type { Field } from '../../../relay/config/forms.ts'
import { readFieldValue } from '../../../relay/intake/field-value.ts'

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

describe('the value of a text area', () => {
  it.each([
    ['30,000 letters of one byte', 'a'.repeat(30_000), true],
    ['10,000 letters of three bytes', '€'.repeat(10_000), true],
    ['10,001 letters of three bytes', '€'.repeat(10_001), false],
    ['7,500 surrogate pairs', '😀'.repeat(7_500), true],
    ['7,501 surrogate pairs', '😀'.repeat(7_501), false],
  ])('is rejected above 30,000 bytes: %s', (_what, text, fits) => {
    expect(readFieldValue(TEXTAREA, [text])).toEqual(
      fits
        ? { ok: true, value: text }
        : { ok: false, code: 'too-long', message: 'Message is too long. Please shorten it.' },
    )
  })
})

describe('several values of a choice', () => {
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
    ['one and a blank one', [' ', 'b'], 'b'],
    ['none', [], undefined],
  ])('are joined by semicolons: %s', (_what, posted, value) => {
    expect(readFieldValue(topics, posted)).toEqual({ ok: true, value })
  })
})

describe('an e-mail address', () => {
  const email: Field = {
    ...TEXTAREA,
    name: 'Email',
    attribute: 'Email',
    type: 'email',
    label: 'E-mail',
    maxLength: 255,
  }

  // The domains in ASCII are those of the examples of RFC 3492 and of the IDN test names of IANA.
  it.each([
    ['ana@acme.example', 'ana@acme.example'],
    ['Ana@ACME.example', 'Ana@ACME.example'],
    ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
    ['ana@例え.テスト', 'ana@xn--r8jz45g.xn--zckzah'],
    ['ana@例え。テスト', 'ana@xn--r8jz45g.xn--zckzah'],
    [' ana@пример.испытание ', 'ana@xn--e1afmkfd.xn--80akhbyknj4f'],
  ])('has its domain in ASCII: %s', (posted, value) => {
    expect(readFieldValue(email, [posted])).toEqual({ ok: true, value })
  })

  it.each([
    'änne@acme.example',
    'änne@bücher.example',
    'ana@bü cher.example',
    'ana@bücher.example/x',
    'ana@bü:80',
    'ana@ü..x',
    'bücher',
  ])('is refused with its field: %s', (posted) => {
    expect(readFieldValue(email, [posted])).toEqual({
      ok: false,
      code: 'email',
      message: 'E-mail must look like name@example.com.',
    })
  })
})
