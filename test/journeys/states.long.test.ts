/**
 * Takes the pictures of the widget's states for the docs: in each colour scheme, and on pages with published style sheets.
 *
 * Each run takes them and checks that they are not blank, and that axe finds nothing on the page. `npm run pictures` also writes them to `docs/pictures/`; look at
 * them before you commit them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHosts, WIDGET, type Hosts } from '../support/host-page/host-page.ts'

const FOLDER = join(import.meta.dirname, '../../docs/pictures')
const SIZE = { width: 1280, height: 800 }

/** A picture of a single colour is smaller than this. */
const MIN_BYTES = 12_000

/** States by the replies of the relay that lead to them. */
const STATES = [
  ['idle', 'idle', '202'],
  ['sending', 'sending', 'hang'],
  ['failed, with fields to correct', 'failed', '422:Email,Consent'],
  ['failed', 'failed', '404'],
  ['sent', 'sent', '202'],
] as const

/** Returns the fields of a form. Where the relay says that the address is missing, it is. */
function fieldsFor(replies: string): string {
  const email = replies.startsWith('422') ? '' : 'zoe.marsh@eastholm.example'
  return `<label>E-mail <input name=Email type=email value="${email}"></label>
  <label>Fleet <select name=fleet><option>Up to ten ships</option></select></label>
  <label><input type=checkbox name=Consent> I agree to the <a href=#>terms</a> and the <a href=#>privacy notice</a>.</label>
  <button type=submit>Send request</button>`
}

const STYLES = `<style>html { background: Canvas } body { margin: 0; padding: 24px; font: 16px/1.5 'DejaVu Sans', sans-serif }
  main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 32px 40px; align-items: start }
  h2 { margin: 0 0 12px; font: 400 15px 'DejaVu Sans Mono', monospace }</style>`

const AXE = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8')

/** Returns what violates WCAG 2.2 AA, and the number of rules that were checked. */
async function violationsOn(page: Page): Promise<{ violations: string[]; checked: number }> {
  await page.addScriptTag({ content: AXE })
  return page.evaluate(async () => {
    const { axe: tool } = window as unknown as { axe: typeof axe }
    const { violations, passes } = await tool.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    })
    return {
      violations: violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`)),
      checked: passes.length,
    }
  })
}

let hosts: Hosts

beforeAll(async () => {
  hosts = await startHosts()
}, 60_000)
afterAll(() => hosts?.end())

/** Opens a page with the form in each state, and takes its picture. */
async function take(
  name: string,
  options: BrowserContextOptions,
  head = '',
  attributes = 'theme=plain',
): Promise<void> {
  const forms = STATES.map(([title, , replies]) => {
    const { action } = hosts.relay(replies)
    return `<section><h2>${title}</h2><form-sync ${attributes}><form method=post action="${action}">${fieldsFor(replies)}</form></form-sync></section>`
  })
  const open = await hosts.open(
    `<meta name=color-scheme content="light dark">${head}${STYLES}${WIDGET}<main>${forms.join('')}</main>`,
    { viewport: SIZE, reducedMotion: 'reduce', ...options },
  )
  for (const [at, [, state]] of STATES.entries()) {
    const element = open.page.locator('form-sync').nth(at)
    if (state !== 'idle') await element.locator('[type=submit]').click()
    await open.page.locator(`section:nth-child(${at + 1}) form-sync[state=${state}]`).waitFor()
  }
  await open.page.evaluate(() => {
    ;(document.activeElement as HTMLElement | null)?.blur()
    scrollTo(0, 0)
  })
  const { violations, checked } = await violationsOn(open.page)
  const picture = await open.page.screenshot({ fullPage: true, animations: 'disabled', caret: 'hide' })
  await open.close()
  if (process.env.PICTURES === 'keep') writeFileSync(join(FOLDER, `${name}.png`), picture)
  expect(picture.byteLength).toBeGreaterThan(MIN_BYTES)
  expect(violations).toEqual([])
  expect(checked).toBeGreaterThan(10)
}

it.each([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced-colours', { forcedColors: 'active' }],
] as const)('the states of the theme in %s', async (name, options) => {
  await take(`states-${name}`, options)
})

it.each([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced-colours', { forcedColors: 'active' }],
] as const)('the states without a theme in %s', async (name, options) => {
  await take(`states-bare-${name}`, options, '', '')
})

it('the states of the theme on a page from right to left', async () => {
  await take('states-rtl', {}, '<script>document.documentElement.dir = "rtl"</script>')
})

const sheet = (path: string) => `<link rel=stylesheet href=/node_modules/${path}>`

it.each([
  ['tailwind', sheet('tailwindcss/preflight.css'), 'theme=plain'],
  ['bootstrap', sheet('bootstrap/dist/css/bootstrap.css'), 'theme=plain'],
  ['pico', sheet('@picocss/pico/css/pico.css'), ''],
])('the states on a page with %s', async (name, head, attributes) => {
  await take(`states-${name}`, {}, head, attributes)
})
