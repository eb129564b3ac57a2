import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MUTATIONS } from './mutations.ts'
import { change } from './mutate.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the ways to break the relay', () => {
  it.each(
    Object.entries(MUTATIONS).flatMap(([platform, list]) =>
      list.map(({ name, changes }) => [`${platform}: ${name}`, changes] as const),
    ),
  )('fit its source: %s', (_, changes) => {
    const changed = changes.map((one) => {
      const source = readFileSync(join(ROOT, one.file), 'utf8')
      return change(source, one) !== source
    })

    expect(changed).toEqual(changes.map(() => true))
  })

  it('are told when the source has moved on', () => {
    const stale = { file: 'relay/http/app.ts', find: 'what stood here once', put: '' }

    expect(() => change('something else', stale)).toThrow(
      'relay/http/app.ts: “what stood here once” stands there 0 times',
    )
  })
})
