/** A process that keeps leads in the file it is given, and says `kept <id>` after each, until it is killed. */
import { createSqlOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

const outbox = createSqlOutbox(openSqlite(process.argv[2] ?? ''))
for (let n = 1; ; n += 1) {
  await outbox.add([lead(`lead-${n}`)], T)
  process.stdout.write(`kept lead-${n}\n`)
}
