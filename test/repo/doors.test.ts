import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findStrays, readSources } from '../support/doors.ts'

describe('the doors', () => {
  it('are kept by every import of the product', () => {
    const sources = readSources(join(import.meta.dirname, '../..'))

    const strays = findStrays(sources)

    expect(Object.keys(sources).length).toBeGreaterThan(30)
    expect(strays).toEqual([])
  })

  it.each([
    [
      'the widget runs code of the relay',
      'widget/send.ts',
      "import { clean } from '../relay/intake/text.ts'",
      'widget/send.ts:1: imports relay/intake/text.ts, which widget/ may not',
    ],
    [
      'the widget imports the wire for more than its types',
      'widget/send.ts',
      "import { Problem } from '../relay/wire.ts'",
      'widget/send.ts:1: imports relay/wire.ts, which it may import for its types alone',
    ],
    [
      'the outbox reaches into Marketo',
      'relay/outbox/sql.ts',
      "\nconst soap = await import('../marketo/soap/sign.ts')",
      'relay/outbox/sql.ts:2: imports relay/marketo/soap/sign.ts, which relay/outbox/ may not',
    ],
    [
      'the app names a runtime',
      'relay/app.ts',
      "export { serve } from './platform/node.ts'",
      'relay/app.ts:1: imports relay/platform/node.ts, which relay/ may not',
    ],
    [
      'a room takes a Node module',
      'relay/marketo/soap/sign.ts',
      "import { createHmac } from 'node:crypto'",
      'relay/marketo/soap/sign.ts:1: imports node:crypto, which relay/marketo/soap/ may not',
    ],
    [
      'one platform takes another’s file',
      'relay/platform/cloudflare.ts',
      "import { openSqlite } from './node-sqlite.ts'",
      'relay/platform/cloudflare.ts:1: imports relay/platform/node-sqlite.ts, which relay/platform/ may not',
    ],
    [
      'the simulator borrows the relay’s signature',
      'demo/marketo/account.ts',
      "import { sign } from '../../relay/marketo/soap/sign.ts'",
      'demo/marketo/account.ts:1: imports relay/marketo/soap/sign.ts, which demo/marketo/ may not',
    ],
    ['a file stands in no room', 'stray/file.ts', '', 'stray/file.ts: stands in no room of the map'],
  ])('name a stray: %s', (_, file, source, message) => {
    const strays = findStrays({ [file]: source })

    expect(strays).toEqual([message])
  })

  it('let the widget import the types of the wire', () => {
    const strays = findStrays({ 'widget/send.ts': "import type { Problem } from '../relay/wire.ts'" })

    expect(strays).toEqual([])
  })
})
