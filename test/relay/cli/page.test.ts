import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { COMMAND, run } from '../../support/command.ts'
import { makeFolder } from '../../support/folder.ts'
import { startProgram } from '../../support/process.ts'

it('form-sync page shows the file as it is at each request, and nothing else, until SIGTERM', async () => {
  const file = join(makeFolder(), 'contact.html')
  writeFileSync(file, '<h1>Contact</h1>')
  const page = await startProgram([COMMAND, 'page', file, '--port', '0'], {}, /page (\S+)\n/)
  onTestFinished(async () => void (await page.end('SIGKILL')))
  const url = page.ready[1]!
  const read = async (path: string) => {
    const response = await fetch(`${url}${path}`)
    return [response.status, await response.text()]
  }

  const first = await read('/?utm_source=mail')
  writeFileSync(file, '<h1>Kontakt</h1>')
  const second = await read('/')
  const other = await read('/contact.html')

  expect([first, second, other]).toEqual([
    [200, '<h1>Contact</h1>'],
    [200, '<h1>Kontakt</h1>'],
    [404, ''],
  ])
  expect(await page.end()).toBe(0)
})

it.each([
  ['a file that is not there', ['page', '/nowhere/contact.html'], 1, 'no such file'],
  ['a second page', ['page', 'a.html', 'b.html'], 2, 'only one page is shown; "b.html" is a second one'],
  ['a port that is none', ['page', '--port', 'x'], 2, 'the port must be a whole number from 0 to 65535, not "x"'],
])('form-sync page refuses %s', (_, words, code, message) => {
  const { status, stderr } = run(words)

  expect(status).toBe(code)
  expect(stderr).toContain(message)
})
