/** What another project gets when it depends on this one: types that fit and modules that load. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder } from '../support/folder.ts'

const ROOT = join(import.meta.dirname, '../..')

const PROGRAM = `
import { createMarketo, MarketoError, type SyncLeadResult } from 'form-sync/marketo'
import { FormSync } from 'form-sync/element'
import 'form-sync'

const marketo = createMarketo({ endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1', userId: 'u', secretKey: 'k' })
const result: SyncLeadResult = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
export const leadId: number | null = result.leadId
export const isOurs = (error: unknown): boolean => error instanceof MarketoError && error.retryable
const element: FormSync = document.createElement('form-sync')
element.addEventListener('form-sync-sent', ({ id }) => id.toUpperCase())
`

function otherProject(program: string): string {
  const folder = makeFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/form-sync'))
  writeFileSync(join(folder, 'program.ts'), program)
  return folder
}

function check(folder: string): string {
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler']
  return spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, '--lib', 'es2023,dom', '--types', '', 'program.ts'],
    { cwd: folder, encoding: 'utf8' },
  ).stdout
}

describe('the package', () => {
  it('has types that a strict program fits', () => {
    expect(check(otherProject(PROGRAM))).toBe('')
  })

  it('has types that refuse a field that syncLead does not know', () => {
    const complaints = check(
      otherProject(PROGRAM.replace("{ email: 'ana@acme.example',", "{ mail: 'ana@acme.example',")),
    )

    expect(complaints).toContain("'mail' does not exist")
  })

  it('loads the client by its name, in plain JavaScript', () => {
    const folder = otherProject('')
    const code = "import('form-sync/marketo').then((all) => console.log(Object.keys(all).sort().join()))"

    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: folder,
      encoding: 'utf8',
    })

    expect(printed).toBe('MarketoError,createLeadMarketo,createMarketo\n')
  })
})
