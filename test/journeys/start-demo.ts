/** Declares the test of a command that starts the demo. */
import { expect, it, onTestFinished } from 'vitest'
import { makeFolder } from '../support/folder.ts'
import { startProgram } from '../support/process.ts'

/** The environment variables for free ports. */
export const FREE = { SITE_PORT: '0', PORT: '0', SIMULATOR_PORT: '0' }
const ADDRESSES = /site +(http:\S+)\s+The relay +(http:\S+).*\s+The journeys +(http:\S+)/

/**
 * Declares the test.
 *
 * @param command name of the npm script
 * @param args its options
 */
export function startDemoTest(command: string, args: readonly string[]): void {
  it(`npm run ${command} prints three addresses that answer and link to each other`, async () => {
    const env = { ...FREE, FORM_SYNC_DATA: makeFolder() }
    const demo = await startProgram(['demo/start.ts', '--built', ...args], env, ADDRESSES)
    onTestFinished(() => void demo.end('SIGKILL'))
    const [, site = '', relay = '', journeys = ''] = demo.ready

    const page = await (await fetch(`${site}/pilot`)).text()
    const widget = await fetch(`${relay}/form-sync.js`)
    const ready = (await (await fetch(`${relay}/readyz`)).json()) as object
    const people = await (await fetch(`${journeys}/sim/leads`)).json()
    const journeysPage = await (await fetch(journeys)).text()
    const code = await demo.end('SIGTERM')

    expect(page).toContain(`action="${relay}/f/contact"`)
    expect(page).toContain(`${journeys}/munchkin.js`)
    expect(widget.headers.get('access-control-allow-origin')).toBe('*')
    expect(ready).toMatchObject({ ready: true })
    expect(demo.printed()).toContain(args.includes('--rest') ? '(in workerd, by REST)' : '(by SOAP)')
    expect(people).toEqual([])
    expect(journeysPage).toContain(`<meta name="site" content="${site}/"`)
    expect(demo.printed()).toContain(`SOAP  ${journeys}/soap/mktows/3_1   user id form-sync_demo, secret key`)
    expect(demo.printed()).toContain(`REST  ${journeys}/rest   client id form-sync-demo-client, client secret`)
    // Wrangler ends its process with the signal when workerd has ended.
    expect(args.includes('--edge') ? [0, 143] : [0]).toContain(code)
  }, 90_000)
}
