import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../../relay/monitoring/events.ts'
import { logLine } from '../../../relay/monitoring/log-line.ts'
import { childrenOf, parse, type Node } from '../../support/ast.ts'

const AT = '2026-11-23T09:30:00.000Z'

const read = (line: string) => JSON.parse(line) as Record<string, unknown>

/** Returns the names of all properties in the types of a file. */
function propertiesOf(file: string): Set<string> {
  const names = new Set<string>()
  const visit = (node: Node) => {
    const key = node.key as { name?: string } | undefined
    if (node.type === 'TSPropertySignature' && key?.name !== undefined) names.add(key.name)
    for (const [, child] of childrenOf(node)) visit(child)
  }
  visit(parse(file, readFileSync(join(import.meta.dirname, '../../..', file), 'utf8')).program)
  return names
}

describe('a line of the log', () => {
  it('is the event with its time', () => {
    const line = logLine(AT, { event: 'accepted', id: 'a', form: 'contact', notes: ['no-cookie'] })

    expect(line).toBe(`{"at":"${AT}","event":"accepted","id":"a","form":"contact","notes":["no-cookie"]}`)
  })

  it('has each key that the types of the events know', () => {
    const known = [...propertiesOf('relay/monitoring/events.ts')]

    const line = logLine(AT, Object.fromEntries(known.map((key) => [key, 'x'])) as unknown as LogEvent)

    expect(known.length).toBeGreaterThan(40)
    expect(Object.keys(read(line)).toSorted()).toEqual(['at', ...known].toSorted())
  })

  it.each([
    ['of the event', { event: 'stopped', email: 'jane@acme.example' }],
    [
      'of an object that the event should not have',
      { event: 'error', where: 'x', reason: { message: 'jane@acme.example' } },
    ],
    ['of an object in a list', { event: 'started', accounts: [{ account: 'a', secretKey: 'jane@acme.example' }] }],
    ['of an inherited name', { event: 'stopped', constructor: 'jane@acme.example', __proto__: { toJSON: 1 } }],
  ])('leaves out a key that no type has: one %s', (_, event) => {
    const line = logLine(AT, event as unknown as LogEvent)

    expect(read(line).event).toBe(event.event)
    expect(line).not.toContain('jane')
  })

  it('has no character that controls a terminal or turns text round, and is still the same text', () => {
    const reason = 'a\u0000b\u001B[2Jc\u009B2Jd\u0085e\u202Ef\u2066g\u200Fh\u2028i\u007Fj'

    const line = logLine(AT, { event: 'error', where: 'x', reason })

    expect(line).toMatch(/^[ -~]+$/)
    expect(read(line).reason).toBe(reason)
  })

  it('is short where a value is long', () => {
    const event: LogEvent = {
      event: 'checked',
      errors: 0,
      warnings: 0,
      notChecked: Array.from({ length: 1_000 }, () => 'x'.repeat(2_000)),
    }

    const line = logLine(AT, event)

    expect(line.length).toBeLessThan(60_000)
    expect(read(line).notChecked).toHaveLength(51)
    expect((read(line).notChecked as string[]).at(-1)).toBe('and 950 more')
  })
})
