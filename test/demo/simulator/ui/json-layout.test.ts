import { describe, expect, it } from 'vitest'
import { layOutRest, textsOf } from '../../../../demo/simulator/ui/call/json-layout.ts'
import type { Line } from '../../../../demo/simulator/ui/call/xml-layout.ts'

/** Prints the lines with indentation. */
function print(source: string): string | undefined {
  const text = ({ depth, tokens }: Line): string => '  '.repeat(depth) + tokens.map((token) => token.text).join('')
  return layOutRest(source)?.map(text).join('\n')
}

describe('the layout of a REST message', () => {
  it.each([
    ['an object', { success: true, result: [{ id: 700001, status: 'created' }], warnings: [] }],
    ['a list', [1, 'two', null, { three: {} }]],
  ])('has one property per line, as JSON.stringify writes it: %s', (_, value) => {
    expect(print(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
  })

  it('shows the first lines of a request before its body', () => {
    const request = 'POST /rest/v1/leads.json?a=b\nContent-Type: application/json\n\n{"input":[]}'

    expect(print(request)).toBe('POST /rest/v1/leads.json?a=b\nContent-Type: application/json\n{\n  "input": []\n}')
  })

  it.each([
    [
      'a request without a body',
      'POST /rest/v1/leads/1/associate.json?cookie=x\n\n',
      'POST /rest/v1/leads/1/associate.json?cookie=x',
    ],
    ['a request with a form', 'POST /identity/oauth/token\n\na=b&c=d', 'POST /identity/oauth/token\na=b&c=d'],
  ])('shows %s', (_, request, shown) => {
    expect(print(request)).toBe(shown)
  })

  it.each([
    ['half of a JSON', '{"success":tr'],
    ['a page', '<html></html>'],
    ['a word', 'null'],
    ['nothing', ''],
  ])('does not exist for %s', (_, source) => {
    expect(layOutRest(source)).toBeUndefined()
  })

  it('tells the last line of each property', () => {
    const lines = layOutRest('{"a":{"b":1},"c":2}') ?? []

    expect(lines.map(({ element, endLine }) => [element, endLine])).toEqual([
      [undefined, 5],
      ['a', 3],
      ['b', 2],
      [undefined, 3],
      ['c', 4],
      [undefined, 5],
    ])
  })

  it('does not exist for deep nesting, which could overflow the stack', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`

    expect(layOutRest(nested(50))).toHaveLength(101)
    expect(layOutRest(nested(5_000))).toBeUndefined()
  })

  it('finds all texts of a property, not those that only contain its name', () => {
    const lines = layOutRest('{"result":[{"status":"created"},{"status":"skipped","message":"status"}]}') ?? []

    expect(textsOf(lines, 'status')).toEqual(['created', 'skipped'])
  })
})
