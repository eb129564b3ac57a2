/** Compares what the widget posts for a form with what the browser posts by itself, field for field. */
import type { ReceivedRequest } from '../support/widget-relay.ts'
import type { RunningBrowser } from './drivers/driver.ts'
import type { FormCase } from './gallery/form-case.ts'
import { SCRIPT, type Recorder, type Site } from './site.ts'
import { until } from './until.ts'

type Pair = [name: string, value: string]

const BUTTON = 'button:not([type=button]):not([type=reset]), input[type=submit], input[type=image]'

/** Throws an error that shows both posts if they differ. */
export async function compareCapture(browser: RunningBrowser, site: Site, form: FormCase): Promise<void> {
  const [native, widget] = [site.record('202'), site.record('202')]
  const plain = site.serve(fill(form, native))
  await send(browser, plain, form)
  const expected = (await pairsOf(await first(native))).filter(([name]) => !form.heldBack?.includes(name))
  // A page that is still being replaced could not be left.
  await until('the reply to the browser', () => hasLeft(browser, plain))
  const page = site.serve(`${SCRIPT}<form-sync>${fill(form, widget)}</form-sync>`)
  await send(browser, page, form, `customElements.whenDefined('form-sync').then(() => true)`)
  const actual = await pairsOf(await first(widget))
  await until('the widget says that the form is sent', () =>
    browser.run(`document.querySelector('form-sync').state === 'sent'`),
  )

  const added = actual.findIndex(([name]) => name === '_id')
  const [theirs, ours] = [expected, actual.slice(0, added)].map((pairs) => JSON.stringify(pairs))
  if (added < 0) throw new Error(`the post has no _id, so that the widget has not sent it: ${JSON.stringify(actual)}`)
  if (theirs !== ours) throw new Error(`the browser posts\n    ${theirs}\n  the widget posts\n    ${ours}`)
}

const fill = ({ html }: FormCase, { action }: Recorder): string => html.replaceAll('{action}', action)

/** Opens the page, does what the visitor does, and presses the button. */
async function send(browser: RunningBrowser, url: string, form: FormCase, ready = 'true'): Promise<void> {
  await browser.open(url)
  await browser.run(ready)
  for (const [selector, text] of Object.entries(form.type ?? {})) await browser.type(selector, text)
  for (const selector of form.tick ?? []) await browser.press(selector)
  if (form.script !== undefined) await browser.run(`(() => { ${form.script} })()`)
  await browser.press(form.press ?? BUTTON)
}

/** Returns whether the page has been replaced by another one, which is complete. While it is replaced, nothing can be asked. */
async function hasLeft(browser: RunningBrowser, url: string): Promise<boolean> {
  const asked = browser.run(`document.readyState === 'complete' && location.href !== '${url}'`)
  return (await asked.catch(() => false)) === true
}

async function first(recorder: Recorder): Promise<ReceivedRequest> {
  const requests = await until('a post', async () => {
    const received = await recorder.requests()
    return received[0] && received
  })
  return requests[0]!
}

/** Returns the fields of a post in either encoding, without files. */
async function pairsOf({ headers, body }: ReceivedRequest): Promise<Pair[]> {
  const type = headers['content-type']!
  const data = await new Response(body, { headers: { 'content-type': type } }).formData()
  return [...data].filter((pair): pair is Pair => typeof pair[1] === 'string')
}
