/** The widget on pages with scripts and libraries of their own. What the page decides counts. */
import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startHosts, WIDGET, type Hosts } from '../support/host-page/host-page.ts'
import { relayUnderTest } from '../support/relay.ts'

let hosts: Hosts

beforeAll(async () => {
  hosts = await startHosts()
}, 60_000)
afterAll(() => hosts?.end())

const FIELDS = '<input name=Email value=zoe@harbour.example><button>Send</button>'

/** A form inside the element. */
const form = (action: string, fields = FIELDS, attributes = '', element = '') =>
  `<form-sync ${element}><form method=post action="${action}" ${attributes}>${fields}</form></form-sync>`

/** Runs what the page has queued, and a round trip to the relay, so that a post that was begun has arrived. */
async function settle({ page }: { page: { evaluate(run: () => Promise<unknown>): Promise<unknown> } }): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))))
}

describe('a page that prevents the submit keeps the form from being sent', () => {
  it('in the onSubmit of React 19', async () => {
    const relay = hosts.relay('202')
    const open = await hosts.open(`<div id=app></div><script src=/react.js></script>${WIDGET}
      <script>
        function App() {
          const [error, setError] = React.useState('')
          const onSubmit = (event) => {
            if (event.target.Email.value.includes('@')) return
            event.preventDefault()
            setError('Enter an e-mail address')
          }
          return React.createElement('form-sync', null,
            React.createElement('form', { action: '${relay.action}', method: 'post', onSubmit },
              React.createElement('input', { name: 'Email', defaultValue: 'nope' }),
              React.createElement('b', null, error),
              React.createElement('button', null, 'Send')))
        }
        createRoot(document.querySelector('#app')).render(React.createElement(App))
      </script>`)

    await open.page.click('button')
    await open.page.getByText('Enter an e-mail address').waitFor()
    await settle(open)
    const before = await relay.requests()
    await open.page.fill('input', 'zoe@harbour.example')
    await open.page.click('button')
    await open.waitForState('sent')

    expect(before).toEqual([])
    expect((await relay.posted()).map((fields) => fields.get('Email'))).toEqual(['zoe@harbour.example'])
  })

  it('by data-confirm of rails-ujs', async () => {
    const relay = hosts.relay('202')
    const open = await hosts.open(
      `<script src=/rails-ujs.js></script>${WIDGET}${form(relay.action, FIELDS, 'data-confirm="Sure?"')}`,
    )
    const questions: string[] = []
    open.page.on('dialog', (dialog) => {
      questions.push(dialog.message())
      void (questions.length === 1 ? dialog.dismiss() : dialog.accept())
    })

    await open.page.click('button')
    await settle(open)
    const before = await relay.requests()
    await open.page.click('button')
    await open.waitForState('sent')

    expect(questions).toEqual(['Sure?', 'Sure?'])
    expect(before).toEqual([])
    expect(await relay.requests()).toHaveLength(1)
  })

  it('by a listener of jQuery 4 on the document', async () => {
    const relay = hosts.relay('202')
    const open = await hosts.open(`<script src=/jquery.js></script>${WIDGET}${form(relay.action)}
      <script>let prevented = 0; jQuery(document).on('submit', 'form', (event) => { prevented++; event.preventDefault() })</script>`)

    await open.page.click('button')
    await settle(open)

    expect(await open.page.evaluate('prevented')).toBe(1)
    expect(await relay.requests()).toEqual([])
    expect(await open.page.getAttribute('form-sync', 'state')).toBe('idle')
  })
})

it('a field that a listener of the document writes at the submit is sent with its value', async () => {
  const relay = hosts.relay('202')
  const open = await hosts.open(`${WIDGET}${form(
    relay.action,
    '<input name=phone value=401234><input type=hidden name=full_phone><button>Send</button>',
  )}<script>document.addEventListener('submit', (event) => {
      event.target.full_phone.value = '+44' + event.target.phone.value
    })</script>`)

  await open.page.click('button')
  await open.waitForState('sent')

  expect((await relay.posted())[0]!.get('full_phone')).toBe('+44401234')
})

it('a form whose submit event is stopped by the page is posted by the browser, with id and page', async () => {
  const relay = hosts.relay('202')
  const open = await hosts.open(`${WIDGET}${form(relay.action)}
    <script>document.addEventListener('submit', (event) => event.stopPropagation())</script>`)

  await open.page.click('button')
  await open.page.waitForURL(relay.action)

  const [fields] = await relay.posted()
  expect(fields!.get('_id')).toMatch(/^[\da-f]{8}-/)
  expect(fields!.get('_page')).toMatch(`${hosts.site}/page`)
})

describe('a form that a script submits is posted by the browser with id, cookie, page and query', () => {
  const COOKIE = 'id:123-ABC-456&token:_mch-acme.test-1764000000000-11111'

  it.each([
    ['form.submit()', '', "document.querySelector('form').submit()"],
    ['jQuery 4', '<script src=/jquery.js></script>', "jQuery('form').trigger('submit')"],
  ])('by %s', async (_, library, submit) => {
    const relay = hosts.relay('202')
    const open = await hosts.open(`${library}${WIDGET}${form(relay.action)}`)
    await open.page.evaluate((cookie) => {
      document.cookie = `_mkto_trk=${cookie}`
      history.replaceState(null, '', '?utm_source=mail')
    }, COOKIE)

    await open.page.evaluate(submit)
    await open.page.waitForURL(relay.action)

    const [fields] = await relay.posted()
    expect(fields!.get('Email')).toBe('zoe@harbour.example')
    expect(fields!.get('_id')).toMatch(/^[\da-f]{8}-[\da-f]{4}-7/)
    expect(fields!.get('_visitor')).toBe(COOKIE)
    expect(fields!.get('_page')).toMatch(`${hosts.site}/page`)
    expect(fields!.get('_query')).toBe('utm_source=mail')
  })
})

describe('nodes of the page are not touched', () => {
  it.each(['onSubmit', 'form-sync-sending'])('so that React 19 can change the button in %s', async (when) => {
    const relay = hosts.relay('held+503:60')
    const open = await hosts.open(`<div id=app></div><script src=/react.js></script>${WIDGET}
      <script>
        function App() {
          const [busy, setBusy] = React.useState(false)
          const begin = () => flushSync(() => setBusy(true))
          React.useEffect(() => {
            const element = document.querySelector('form-sync')
            if ('${when}' !== 'onSubmit') element.addEventListener('${when}', begin)
            element.addEventListener('form-sync-failed', () => setBusy(false))
            element.addEventListener('form-sync-sent', () => { setBusy(false); element.state = 'idle' })
          }, [])
          return React.createElement('form-sync', null,
            React.createElement('form', { action: '${relay.action}', method: 'post', onSubmit: '${when}' === 'onSubmit' ? begin : undefined },
              React.createElement('input', { name: 'Email', defaultValue: 'a@b.example' }),
              React.createElement('button', null, busy
                ? React.createElement('span', null, 'One moment')
                : React.createElement('em', null, 'Send'))))
        }
        createRoot(document.querySelector('#app')).render(React.createElement(App))
      </script>`)

    await open.page.click('button')
    await open.page.getByRole('button', { name: 'One moment' }).waitFor()
    await relay.release()
    await open.page.getByRole('button', { name: 'Send' }).waitFor()
    await open.page.click('button')
    await open.waitForState('failed')
    await open.page.getByRole('button', { name: 'Send' }).waitFor()

    expect(open.errors).toEqual([])
    expect(await open.page.locator('form button').innerHTML()).toBe('<em>Send</em>')
  })
})

describe('the result is shown', () => {
  it.each([
    ['sent', 'held:', 'Thank you'],
    ['failed', 'held503:60', 'could not be sent'],
  ])('as %s if the element was away when the answer came', async (state, reply, text) => {
    const relay = hosts.relay(reply)
    const open = await hosts.open(`${WIDGET}${form(relay.action, FIELDS, '', 'theme=plain')}`)

    await open.page.click('button')
    await open.waitForState('sending')
    await open.page.evaluate(() => {
      const element = document.querySelector('form-sync')!
      Object.assign(globalThis, {
        element,
        answered: new Promise((done) => {
          element.addEventListener('form-sync-sent', done)
          element.addEventListener('form-sync-failed', done)
        }),
      })
      element.remove()
    })
    await relay.release()
    await open.page.evaluate('answered.then(() => document.body.append(element))')
    await open.waitForState(state)

    await open.page.getByText(text).waitFor()
    expect(await open.page.getByText('Sending…').count()).toBe(0)
    expect(open.errors).toEqual([])
  })

  it('without constructable style sheets', async () => {
    const relay = hosts.relay('404')
    const open = await hosts.open(
      `<script>delete Document.prototype.adoptedStyleSheets; delete ShadowRoot.prototype.adoptedStyleSheets</script>
       ${WIDGET}${form(relay.action, FIELDS, '', 'theme=plain')}`,
    )

    await open.page.click('button')
    await open.waitForState('failed')

    await open.page.getByText('could not be sent').waitFor()
    expect(open.errors).toEqual([])
  })
})

describe('a lead arrives', () => {
  it.each([
    ['an enumerable name on all objects', "<script>Object.prototype['x y'] = 1</script>"],
    ['Prototype.js 1.7', '<script src=/prototype.js></script>'],
    ['MooTools 1.4', '<script src=/mootools.js></script>'],
    ['a polyfill of Array.from', '<script>Array.from = (items) => [].slice.call(items)</script>'],
  ])('from a page with %s', async (_, script) => {
    const relay = hosts.relay('503:0+202')
    const open = await hosts.open(`${script}${WIDGET}${form(relay.action, FIELDS, '', 'theme=plain')}`)

    const isVisible = await open.page.locator('input').isVisible()
    await open.page.click('button')
    await open.waitForState('sent')
    await open.page.getByText('Thank you').waitFor()

    const [, fields] = await relay.posted()
    expect(isVisible).toBe(true)
    expect(fields!.get('_id')).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(open.errors).toEqual([])
  })
})

describe('a relay that refuses a post', () => {
  it.each([
    ['for an unknown form', 'contakt', /There is no form named "contakt"/],
    ['from an origin that is not listed', 'contact', /origin/i],
  ])('%s is asked once, and its words reach the page and the console', async (_, form_, words) => {
    const { app, events } = relayUnderTest()
    const server = await new Promise<ServerType>((done) => {
      const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => done(started))
    })
    onTestFinished(() => void server.close())
    const relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const open = await hosts.open(`${WIDGET}${form(`${relay}/f/${form_}`)}`)
    const posts: string[] = []
    open.page.on('request', (request) => void (request.method() === 'POST' && posts.push(request.url())))
    const failed = open.page.evaluate(
      () =>
        new Promise((done) => {
          document.addEventListener('form-sync-failed', ({ reason, problem }) => done([reason, problem?.detail]))
        }),
    )

    await open.page.click('button')
    const [reason, detail] = (await failed) as [string, string]
    await open.page.getByText('could not be sent').waitFor()

    expect(reason).toBe('refused')
    expect(detail).toMatch(words)
    expect(posts).toHaveLength(1)
    await expect.poll(() => open.warnings).toEqual([expect.stringContaining(detail)])
    expect(events.filter(({ event }) => event === 'accepted')).toEqual([])
  })
})

it('the widget of a bundler, with the element of Lit, keeps its states, texts and theme', async () => {
  const relay = hosts.relay('422:Email+404+202')
  const open = await hosts.open(
    `<script src=/bundled.js defer></script>${form(relay.action, FIELDS, '', 'theme=plain message-thanks=Danke!')}`,
  )
  const { page } = open

  await page.click('button')
  await page.getByText('There is a problem').waitFor()
  await page.evaluate(() => document.querySelector('form-sync')!.set({ Email: 'ana@acme.example' }))
  await page.click('button')
  await page.getByText('Try again').click()
  await page.getByText('Danke!').waitFor()
  await page.evaluate(() => document.querySelector('form-sync')!.reset())
  await page.locator('input').waitFor()

  expect(await page.evaluate(() => 'reactiveElementVersions' in globalThis)).toBe(true)
  expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(1)
  expect((await relay.posted()).at(-1)!.get('Email')).toBe('ana@acme.example')
  expect(open.errors).toEqual([])
})

describe('the script that is no module', () => {
  it('sends the form and loads its parts, also when it stands before the form', async () => {
    const relay = hosts.relay('202')
    const open = await hosts.open(
      `<script>
         (window.formSync = window.formSync || []).push(() => document.querySelector('#late').set({ Note: 'queued' }))
       </script>
       <script src=/form-sync-classic.js></script>
       <form-sync id=late><form method=post action="${relay.action}"><input name=Note>${FIELDS}</form><p slot=sent hidden>Thanks!</p></form-sync>
       <form-sync for=apart></form-sync>
       <form id=apart method=post action="${relay.action}"><input name=Email value=apart@b.example></form>`,
    )

    await open.page.evaluate(() => document.querySelectorAll('form-sync')[1]!.ready.then((element) => element.submit()))
    await open.page.click('form-sync button')
    await open.page.getByText('Thanks!').waitFor()

    const posted = await relay.posted()
    expect(posted.map((fields) => fields.get('Email'))).toEqual(['apart@b.example', 'zoe@harbour.example'])
    expect(posted[1]!.get('Note')).toBe('queued')
    expect(open.errors).toEqual([])
  })
})

it('a lead arrives that shares the limit of keepalive with another script', async () => {
  const [other, relay] = [hosts.relay('hang'), hosts.relay('202')]
  const open = await hosts.open(
    `${WIDGET}${form(relay.action, '<textarea name=text></textarea><button>Send</button>')}`,
  )
  await open.page.fill('textarea', 'x'.repeat(40_000))

  await open.page.evaluate((action) => {
    const body = new URLSearchParams({ text: 'y'.repeat(30_000) })
    void fetch(action, { method: 'POST', headers: { accept: 'application/json' }, keepalive: true, body })
  }, other.action)
  await open.page.click('button')
  await open.waitForState('sent')

  expect((await relay.posted())[0]!.get('text')).toHaveLength(40_000)
})

it('a lead arrives if the visitor leaves the page while the widget waits for Munchkin', async () => {
  const relay = hosts.relay('202')
  const open = await hosts.open(`<script type=x src=/munchkin.js></script>${WIDGET}${form(relay.action)}`)
  hosts.serve('/next', '<!doctype html><title>Next</title>')

  await open.page.evaluate(() => {
    // The wait never ends.
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout
    document.querySelector('button')!.click()
    location.assign('/next')
  })
  await open.page.waitForURL('**/next')

  await expect.poll(async () => (await relay.requests()).length).toBe(1)
})

it('a page that Turbo 8 restores while its form is being sent can be sent again', async () => {
  const relay = hosts.relay('held+202')
  hosts.serve(
    '/next',
    `<!doctype html><html lang=en><head><title>Next</title></head><body><h1>Next page</h1></body></html>`,
  )
  const open = await hosts.open(
    `<head><script src=/turbo.js></script>${WIDGET}</head><body>${form(relay.action, FIELDS, 'data-turbo=false')}<a href=/next>Next</a></body></html>`,
  )

  await open.page.click('button')
  await open.waitForState('sending')
  await open.page.click('a')
  await open.page.getByText('Next page').waitFor()
  await open.page.goBack()
  await open.waitForState('idle')
  const texts = await open.page.getByText('Sending…').count()
  await open.page.click('button')
  await open.waitForState('sent')

  expect(texts).toBe(0)
  expect(await relay.requests()).toHaveLength(2)
})
