import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { COMMAND } from '../../../support/command.ts'
import { makeFolder } from '../../../support/folder.ts'
import { startProgram } from '../../../support/process.ts'
import { FORMS } from '../../../support/relay.ts'
import { SILENT_MARKETO, startServe } from '../../../support/serve-command.ts'

it('a relay whose port is taken says so and ends, and the next one can use its folder', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const folder = makeFolder()
  const forms = join(folder, 'forms.json')
  writeFileSync(forms, JSON.stringify(FORMS))
  const args = [COMMAND, 'serve', '--forms', forms, '--data', folder, '--port', String(port), '--host', '127.0.0.1']

  await expect(startProgram(args, SILENT_MARKETO, /listens at/)).rejects.toThrow(
    `ended with 1:\nthe port ${port} is in use: end the program that has it, or choose another with --port`,
  )
  await expect(startServe(forms, folder, SILENT_MARKETO)).resolves.toBeDefined()
})
