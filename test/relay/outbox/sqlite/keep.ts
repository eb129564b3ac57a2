/**
 * Stores leads in a file and prints `kept <id>` after each one, until the process is killed: `keep.ts <file> [leads]`.
 *
 * The process also ends when its standard input is closed, so that it does not outlive its parent, and in any case after
 * the given number of leads.
 */
import { setImmediate as nextIteration } from 'node:timers/promises'
import { createSqliteOutbox } from '../../../../relay/outbox/sqlite/outbox.ts'
import { OUTBOX_OPTIONS } from '../../../../relay/runtime/node/outbox-crypto.ts'
import { openSqlite } from '../../../../relay/runtime/node/sqlite-file.ts'
import { lead, T } from '../../../suites/outbox/leads.ts'

/** Default number of leads. The file stays below a few megabytes. */
const MAX_LEADS = 5_000

const [path = '', leads = MAX_LEADS] = process.argv.slice(2)
process.stdin.once('end', () => process.exit()).resume()

const outbox = await createSqliteOutbox(openSqlite(path), OUTBOX_OPTIONS)
for (let n = 1; n <= Number(leads); n += 1) {
  await outbox.add([lead(`lead-${n}`)], T)
  process.stdout.write(`kept lead-${n}\n`)
  // SQLite is synchronous: without this the process would never read the end of its input.
  await nextIteration()
}
process.exit()
