import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findViolations, readSources } from '../support/boundaries.ts'

describe('the module boundaries', () => {
  it('are kept by every import of the product', () => {
    const sources = readSources(join(import.meta.dirname, '../..'))

    const violations = findViolations(sources)

    expect(Object.keys(sources).length).toBeGreaterThan(30)
    expect(violations).toEqual([])
  })

  it.each([
    [
      'the widget runs code of the relay',
      'widget/submit/send.ts',
      "import { clean } from '../../relay/intake/sanitize.ts'",
      'widget/submit/send.ts:1: imports relay/intake/sanitize.ts, which widget/ may not',
    ],
    [
      'the widget imports the protocol for more than its types',
      'widget/submit/send.ts',
      "import { Problem } from '../../relay/protocol.ts'",
      'widget/submit/send.ts:1: imports relay/protocol.ts, which it may import for its types alone',
    ],
    [
      'the outbox reaches into Marketo',
      'relay/outbox/sqlite/outbox.ts',
      "\nconst soap = await import('../../marketo/soap/sign.ts')",
      'relay/outbox/sqlite/outbox.ts:2: imports relay/marketo/soap/sign.ts, which relay/outbox/ may not',
    ],
    [
      'the app names a runtime',
      'relay/http/app.ts',
      "export { serve } from '../runtime/node/serve.ts'",
      'relay/http/app.ts:1: imports relay/runtime/node/serve.ts, which relay/http/ may not',
    ],
    [
      'a module outside of the Node runtime imports a Node module',
      'relay/marketo/soap/sign.ts',
      "import { createHmac } from 'node:crypto'",
      'relay/marketo/soap/sign.ts:1: imports node:crypto, which relay/marketo/soap/ may not',
    ],
    [
      'one runtime imports a file of another',
      'relay/runtime/cloudflare/worker.ts',
      "import { openSqlite } from '../node/sqlite-file.ts'",
      'relay/runtime/cloudflare/worker.ts:1: imports relay/runtime/node/sqlite-file.ts, which relay/runtime/cloudflare/ may not',
    ],
    [
      'the simulator borrows the relay’s signature',
      'demo/simulator/account.ts',
      "import { sign } from '../../relay/marketo/soap/sign.ts'",
      'demo/simulator/account.ts:1: imports relay/marketo/soap/sign.ts, which demo/simulator/ may not',
    ],
    ['a file belongs to no module', 'stray/file.ts', '', 'stray/file.ts: belongs to no module'],
  ])('name a violation: %s', (_, file, source, message) => {
    const violations = findViolations({ [file]: source })

    expect(violations).toEqual([message])
  })

  it('let the widget import the types of the protocol', () => {
    const violations = findViolations({
      'widget/submit/send.ts': "import type { Problem } from '../../relay/protocol.ts'",
    })

    expect(violations).toEqual([])
  })
})
