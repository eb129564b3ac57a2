/** The alert state of several accounts in the one row of a database. */
import { expect, it } from 'vitest'
import { createAlertStore } from '../../../../relay/runtime/node/shared-alerts.ts'

/** A row in memory. `meanwhile` runs once, before the next write. */
function createRow(text = '{}') {
  let meanwhile = () => {}
  return {
    text: () => text,
    before: (work: () => void) => (meanwhile = work),
    set: (next: string) => void (text = next),
    read: async () => text,
    async write(seen: string, before: string) {
      meanwhile()
      meanwhile = () => {}
      if (text !== before) return false
      text = seen
      return true
    },
  }
}

const seen = (since: number) => ({ backlog: { since } })

it('an account without a name has the row as it was before accounts had names', async () => {
  const row = createRow(JSON.stringify(seen(1)))
  const store = createAlertStore(row, 'default')

  const found = await store.read()
  const written = await store.write(seen(2), seen(1))

  expect([found, written, row.text()]).toEqual([seen(1), true, JSON.stringify(seen(2))])
})

it('each account reads and replaces its own part', async () => {
  const row = createRow()
  const [first, sandbox, labs] = ['default', 'sandbox', 'labs'].map((account) => createAlertStore(row, account))

  const written = [
    await sandbox!.write(seen(2), {}),
    await first!.write(seen(1), {}),
    await labs!.write(seen(3), {}),
    await sandbox!.write(seen(4), seen(2)),
  ]

  expect(written).toEqual([true, true, true, true])
  expect([await first!.read(), await sandbox!.read(), await labs!.read()]).toEqual([seen(1), seen(4), seen(3)])
})

it('a relay that was slower writes nothing, and another account does not count as quicker', async () => {
  const row = createRow()
  const sandbox = createAlertStore(row, 'sandbox')

  row.before(() => row.set(JSON.stringify({ ...seen(9), accounts: { labs: seen(8) } })))
  const beside = await sandbox.write(seen(1), {})
  row.before(() => row.set(JSON.stringify({ accounts: { sandbox: seen(7) } })))
  const slower = await sandbox.write(seen(2), seen(1))

  expect([beside, slower]).toEqual([true, false])
  expect(JSON.parse(row.text())).toEqual({ accounts: { sandbox: seen(7) } })
})
