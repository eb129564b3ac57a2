/** The core path of a form in a browser: filled in, sent, refused, tried again, posted by the browser itself. */
import type { RunningBrowser } from './drivers/driver.ts'
import { SCRIPT, type Recorder, type Site } from './site.ts'
import { until } from './until.ts'

interface Step {
  name: string
  run(browser: RunningBrowser, site: Site): Promise<void>
}

const FIELDS = `<label>E-mail <input name=Email></label> <label>Note <textarea name=note></textarea></label>
  <button name=do value=send>Send</button>`

/** Returns the text of a part of the shadow tree, or '' where it is not there. */
const text = (part: string) =>
  `document.querySelector('form-sync').shadowRoot.querySelector('${part}')?.innerText ?? ''`
const state = `document.querySelector('form-sync').state`

async function open(browser: RunningBrowser, site: Site, { action }: Recorder, attributes = ''): Promise<void> {
  await browser.open(
    site.serve(
      `${SCRIPT}<form-sync ${attributes}><form method=post action="${action}">${FIELDS}</form>
       <p slot=sent hidden>Your own thanks</p></form-sync>`,
    ),
  )
  await browser.run(`customElements.whenDefined('form-sync').then(() => true)`)
}

async function reach(browser: RunningBrowser, wanted: string): Promise<void> {
  await until(`the state ${wanted}`, async () => (await browser.run(state)) === wanted)
}

async function postsOf(recorder: Recorder): Promise<URLSearchParams[]> {
  return (await recorder.requests()).map(({ body }) => new URLSearchParams(body))
}

/** Throws if the values differ. */
function same(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`)
}

export const CORE_PATH: readonly Step[] = [
  {
    name: 'a form is filled in and sent, and the page’s thanks replace it',
    async run(browser, site) {
      const relay = site.record('202')
      await open(browser, site, relay)
      const before = await browser.run(`document.querySelector('[slot=sent]').getClientRects().length`)

      await browser.type('[name=Email]', 'zoe@harbour.example')
      await browser.press('button')
      await reach(browser, 'sent')

      const [post] = await postsOf(relay)
      same('thanks before', before, 0)
      same('e-mail', post!.get('Email'), 'zoe@harbour.example')
      same('the pressed button', post!.get('do'), 'send')
      same('a UUID', /^[\da-f]{8}-[\da-f]{4}-7[\da-f-]+$/.test(post!.get('_id') ?? ''), true)
      same('time', Number(post!.get('_elapsed')) > 0, true)
      same('the form is hidden', await browser.run(`document.querySelector('button').getClientRects().length`), 0)
      same('thanks', await browser.run(`document.querySelector('[slot=sent]').innerText`), 'Your own thanks')
      same('focus', await browser.run(`document.activeElement.localName`), 'form-sync')
    },
  },
  {
    name: 'a field to correct has its message, the focus and a link, and the form is then sent',
    async run(browser, site) {
      const relay = site.record('422:Email+202')
      await open(browser, site, relay, 'theme=plain')

      await browser.press('button')
      await reach(browser, 'failed')

      const described = `document.getElementById(document.querySelector('[name=Email]').getAttribute('aria-describedby')).innerText`
      same('message', String(await browser.run(described)).trim(), 'Fill in Email')
      same('invalid', await browser.run(`document.querySelector('[name=Email]').ariaInvalid`), 'true')
      same(
        'summary',
        /There is a problem\s+Fill in Email/.test(String(await browser.run(text('[part=summary]')))),
        true,
      )
      same('focus', await browser.run(`document.activeElement.name`), 'Email')
      await browser.type('[name=Email]', 'zoe@harbour.example')
      same('message after a change', await browser.run(`document.querySelectorAll('.form-sync-error').length`), 0)
      await browser.press('button')
      await reach(browser, 'sent')
      same('ids', new Set((await postsOf(relay)).map((post) => post.get('_id'))).size, 2)
    },
  },
  {
    name: 'a form that fails keeps its fields, and “Try again” sends it with the same id',
    async run(browser, site) {
      const relay = site.record('404+202')
      await open(browser, site, relay)

      await browser.type('[name=note]', 'kept')
      await browser.press('button')
      await reach(browser, 'failed')
      const message = await browser.run(text('[part=failed]'))
      const kept = await browser.run(`document.querySelector('[name=note]').value`)
      await browser.pressInShadow('[part=retry]')
      await reach(browser, 'sent')

      const posts = await postsOf(relay)
      same('message', /could not be sent/.test(String(message)), true)
      same('note', kept, 'kept')
      same(
        'posts',
        posts.map((post) => post.get('note')),
        ['kept', 'kept'],
      )
      same('ids', new Set(posts.map((post) => post.get('_id'))).size, 1)
    },
  },
  {
    name: 'tries without an answer are repeated by themselves',
    async run(browser, site) {
      const relay = site.record('drop+503:0+202')
      await open(browser, site, relay)

      await browser.press('button')
      await reach(browser, 'sent')

      same(
        'ids',
        (await postsOf(relay)).map((post, _, [first]) => post.get('_id') === first!.get('_id')),
        [true, true, true],
      )
    },
  },
  {
    name: 'two presses are one post',
    async run(browser, site) {
      const relay = site.record('503:1+202')
      await open(browser, site, relay)

      await browser.press('button')
      await browser.press('button')
      await reach(browser, 'sent')

      same('ids', new Set((await postsOf(relay)).map((post) => post.get('_id'))).size, 1)
      same('posts', (await postsOf(relay)).length, 2)
    },
  },
  {
    name: 'the Munchkin cookie travels',
    async run(browser, site) {
      const [relay, cookie] = [site.record('202'), 'id:123-ABC-456&token:_mch-acme.test-1764000000000-11111']
      await open(browser, site, relay)
      await browser.run(`document.cookie = '_mkto_trk=${cookie}; path=/'`)

      await browser.press('button')
      await reach(browser, 'sent')
      await browser.run(`document.cookie = '_mkto_trk=; path=/; max-age=0'`)

      same('visitor', (await postsOf(relay))[0]!.get('_visitor'), cookie)
    },
  },
  {
    name: 'a form that a script submits is posted by the browser with id and page',
    async run(browser, site) {
      const relay = site.record('202')
      await open(browser, site, relay)

      await browser.run(`void setTimeout(() => document.querySelector('form').submit())`)
      const [post] = await until('a post', async () => {
        const posts = await postsOf(relay)
        return posts[0] && posts
      })

      same('a UUID', /^[\da-f]{8}-/.test(post!.get('_id') ?? ''), true)
      same('page', /\/page\d+$/.test(post!.get('_page') ?? ''), true)
    },
  },
]
