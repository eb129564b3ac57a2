/** Programs of another project that use the package, and the compiler as that project runs it. */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** In browsers, with the types of browsers alone. */
export const IN_BROWSERS = `
import { createMarketo, MarketoError, type SyncLeadResult } from 'form-sync/marketo'
import { FormSync } from 'form-sync/element'
import 'form-sync'

const marketo = createMarketo({ endpoint: 'https://123-ABC-456.mktoapi.com/soap/mktows/3_1', userId: 'u', secretKey: 'k' })
const result: SyncLeadResult = await marketo.syncLead({ email: 'ana@acme.example', attributes: { FirstName: 'Ana' } })
export const leadId: number | null = result.leadId
const rest = createMarketo({ endpoint: 'https://123-ABC-456.mktorest.com/rest', clientId: 'c', clientSecret: 's' })
export const readOnly: boolean[] = (await rest.describe()).map((field) => field.readOnly)
export const isOurs = (error: unknown): boolean => error instanceof MarketoError && error.retryable
const element: FormSync = document.createElement('form-sync')
element.addEventListener('form-sync-sent', ({ id }) => id.toUpperCase())
document.addEventListener('form-sync-failed', (event) => event.reason)
element.set({ Email: 'ana@acme.example', Topics: ['a', 'b'] })
export const email: string | string[] | undefined = element.values().Email
const outcome = await (await element.ready).submit()
export const reason: string = outcome?.type === 'form-sync-failed' && 'reason' in outcome ? outcome.reason : ''
;(window.formSync ||= []).push(() => element.reset())
`

/** Templates of React, Vue and Svelte, as their compilers type them. */
export const IN_TEMPLATES = `
import 'form-sync/react'
import 'form-sync/vue'
import 'form-sync/svelte'
import type { JSX } from 'react'
import type { SvelteHTMLElements } from 'svelte/elements'
import type { GlobalComponents } from 'vue'

export const react: JSX.IntrinsicElements['form-sync'] = {
  for: 'contact',
  theme: 'plain',
  className: 'wide',
  'message-thanks': 'Danke!',
  'onform-sync-sent': ({ id }) => void id.toUpperCase(),
  ref: (element) => void element?.values(),
}
export const vue: InstanceType<GlobalComponents['form-sync']>['$props'] = {
  also: '',
  class: 'wide',
  onFormSyncFailed: ({ reason }) => void reason.toUpperCase(),
}
export const svelte: SvelteHTMLElements['form-sync'] = {
  'munchkin-id': '123-ABC-456',
  class: 'wide',
  'onform-sync-sending': ({ data }) => data.set('LastName', 'Ruiz'),
}
`

/** On Node, without the types of browsers. */
export const ON_NODE = `
import { createMarketo } from 'form-sync/marketo'
import { createApp, type Config } from 'form-sync/relay'
import { ConfigError, serve, type Serving } from 'form-sync/relay/node'
import { createSimulator, STANDARD_FIELDS, type Field, type PersonView } from 'form-sync/simulator'

export const relay: Serving = await serve({ env: process.env, forms: 'forms.json', data: 'data', port: 0 })
export const reasonOf = (error: unknown): string => (error instanceof ConfigError ? error.message : '')
const loyalty: Field = { name: 'Loyalty__c', type: 'integer', custom: true }
const simulator = createSimulator({ account: { clientSecret: 's' }, fields: [...STANDARD_FIELDS, loyalty] })
export const marketo = createMarketo({ ...simulator.rest, fetch: simulator.fetch })
export const people: PersonView[] = await simulator.people()
export const appOf = (config: Config) => createApp.call(null, { config } as never)
`

/** Ways in which a project lets the compiler look for modules, with the format of its own modules. */
export const RESOLUTIONS = { bundler: 'esnext', node16: 'node16', nodenext: 'nodenext' } as const

/**
 * Type-checks a program in the folder of its project. Resolves with what the compiler reports about it and the package.
 *
 * @param types package whose globals the program has, in place of those of browsers
 */
export async function compileIn(
  project: string,
  program: string,
  types = '',
  resolution: keyof typeof RESOLUTIONS = 'bundler',
): Promise<string> {
  const file = join(mkdtempSync(join(project, 'program-')), 'program.ts')
  writeFileSync(file, program)
  const modules = ['--module', RESOLUTIONS[resolution], '--moduleResolution', resolution]
  const strict = ['--noEmit', '--strict', '--target', 'es2022', ...modules]
  const args = [...strict, '--lib', types === '' ? 'es2023,dom' : 'es2023', '--types', types, file]
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const printed = await new Promise<string>((resolve) => {
    execFile(process.execPath, [tsc, ...args], { cwd: project }, (_, output) => resolve(output))
  })
  return printed
    .split('\n')
    .filter((line) => types === '' || !isOfHono(line))
    .join('\n')
}

/** True for an error in Hono's own declarations, of which some need the types of browsers. */
function isOfHono(line: string): boolean {
  return /node_modules\/@?hono\//.test(line)
}
