import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ISSUE_TEXTS } from '../../relay/monitoring/alert-text.ts'

const ROOT = join(import.meta.dirname, '../..')
const sections = readFileSync(join(ROOT, 'docs/operate.md'), 'utf8').split(/^## /m).slice(1)

it.each(Object.keys(ISSUE_TEXTS))(
  'docs/operate.md says of "%s" what it is, why it comes, what to do and when it is over',
  (kind) => {
    const section = sections.find((text) => text.startsWith(`${kind}\n`))

    expect(section?.match(/^- \*\*[^*]+\*\*/gm)).toEqual(['- **What**', '- **Why**', '- **What to do**', '- **Over**'])
  },
)
