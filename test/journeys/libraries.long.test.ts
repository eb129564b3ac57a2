/** The widget on pages that real libraries build: frameworks, controls of their own, custom selects, and another challenge. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAltcha } from '../../relay/guards/challenge/altcha.ts'
import { startHosts, WIDGET, type Hosts } from '../support/host-page/host-page.ts'
import { PAGE, WORK_KEY } from '../support/widget-work.ts'

let hosts: Hosts

beforeAll(async () => {
  hosts = await startHosts()
}, 60_000)
afterAll(() => hosts?.end())

const library = (path: string, attributes = '') => `<script ${attributes} src=/node_modules/${path}></script>`

const SHOELACE = ['input', 'checkbox', 'button']
  .map((name) => library(`@shoelace-style/shoelace/cdn/components/${name}/${name}.js`, 'type=module'))
  .join('')

/** Returns the text of a part of the element's shadow tree. */
const partOf = (page: Page, part: string) => page.locator(`form-sync [part=${part}]`).innerText()

describe('Vue 3', () => {
  const app = (
    action: string,
  ) => `<div id=app><form-sync @form-sync-sending="busy = true" @form-sync-failed="busy = false">
    <form method=post action="${action}" @submit="check">
      <input name=Email v-model="email"><input type=hidden name=Greeting :value="'Hello ' + email">
      <b v-if="error">{{ error }}</b><button><i v-if="busy">One moment</i><em v-else>Send</em></button>
    </form></form-sync></div>${library('vue/dist/vue.global.prod.js')}${WIDGET}<script>
      const app = Vue.createApp({
        data: () => ({ email: 'nope', error: '', busy: false }),
        methods: { check(event) { this.error = this.email.includes('@') ? '' : 'Enter an e-mail address'; if (this.error) event.preventDefault() } },
      })
      app.config.compilerOptions.isCustomElement = (tag) => tag === 'form-sync'
      app.mount('#app')
    </script>`

  it('prevents the submit, binds values and renders the button anew while the form is sent', async () => {
    const relay = hosts.relay('404+202')
    const open = await hosts.open(app(relay.action))

    await open.page.click('button')
    await open.page.getByText('Enter an e-mail address').waitFor()
    const before = await relay.requests()
    await open.page.fill('[name=Email]', 'zoe@harbour.example')
    await open.page.click('button')
    await open.waitForState('failed')
    await open.page.getByRole('button', { name: 'Send' }).waitFor()
    await open.page.click('form button')
    await open.waitForState('sent')

    const posts = await relay.posted()
    expect(before).toEqual([])
    expect(posts.map((post) => post.get('Greeting'))).toEqual(Array(2).fill('Hello zoe@harbour.example'))
    expect(open.errors).toEqual([])
  })
})

describe('htmx', () => {
  it('puts a form into the page, which is then sent', async () => {
    const relay = hosts.relay('202')
    hosts.serve(
      '/fragment',
      `<form-sync><form method=post action="${relay.action}"><input name=Email value=zoe@harbour.example><button>Send</button></form></form-sync>`,
    )
    const open = await hosts.open(
      `${library('htmx.org/dist/htmx.js')}${WIDGET}<a hx-get=/fragment hx-target=#here>Load</a><div id=here></div>`,
    )

    await open.page.click('a')
    await open.page.click('#here button')
    await open.waitForState('sent')

    expect((await relay.posted()).map((post) => post.get('Email'))).toEqual(['zoe@harbour.example'])
    expect(open.errors).toEqual([])
  })

  it.each([
    ['takes a boosted form by itself, so that it is sent once', '', null],
    ['leaves a form that it may not boost', 'hx-boost=false', 'sent'],
  ])('%s', async (_, attribute, state) => {
    const relay = hosts.relay('202')
    const open = await hosts.open(
      `<body hx-boost=true>${library('htmx.org/dist/htmx.js')}<meta name=htmx-config content='{"selfRequestsOnly":false}'>${WIDGET}
       <form-sync><form ${attribute} method=post action="${relay.action}"><input name=Email value=zoe@harbour.example><button>Send</button></form></form-sync>`,
    )

    await open.page.click('button')
    await expect.poll(async () => (await relay.requests()).length).toBeGreaterThan(0)
    if (state) await open.waitForState(state)

    expect((await relay.requests()).filter(({ method }) => method === 'POST')).toHaveLength(state ? 1 : 0)
    expect(await open.page.getAttribute('form-sync', 'state')).toBe(state ?? 'idle')
  })
})

it('Alpine writes into fields at the submit, and hides a part of the form', async () => {
  const relay = hosts.relay('202')
  const open = await hosts.open(`${library('alpinejs/dist/cdn.js', 'defer')}${WIDGET}
    <div x-data="{ country: '', phone: '401234', full: '' }"><form-sync @form-sync-sent="country = 'done'">
      <form method=post action="${relay.action}" @submit="$refs.full.value = '+' + country + phone">
        <input name=country x-model=country><template x-if="country === '44'"><input name=county value=Kent></template>
        <input name=phone x-model=phone><input type=hidden name=full x-ref=full><button>Send</button></form></form-sync>
      <output x-text=country></output></div>`)

  await open.page.fill('[name=country]', '44')
  await open.page.locator('[name=county]').waitFor()
  await open.page.click('button')
  await open.waitForState('sent')
  await open.page.getByText('done').waitFor()

  const [post] = await relay.posted()
  expect([post!.get('full'), post!.get('county')]).toEqual(['+44401234', 'Kent'])
  expect(open.errors).toEqual([])
})

it('controls of Shoelace are sent, have their messages, and their button submits', async () => {
  const relay = hosts.relay('held422:Email+202')
  const open = await hosts.open(`${SHOELACE}${WIDGET}<form-sync theme=plain><form method=post action="${relay.action}">
    <sl-input name=Email label=E-mail value=zoe></sl-input><sl-checkbox name=ok value=yes checked>Agree</sl-checkbox>
    <sl-button type=submit name=do value=send>Send</sl-button></form></form-sync>`)
  await open.page.waitForFunction(() => customElements.get('sl-button') && customElements.get('sl-input'))

  await open.page.click('sl-button')
  await open.waitForState('sending')
  const sending = await partOf(open.page, 'status')
  await relay.release()
  await open.waitForState('failed')
  const note = await open.page.locator('sl-input + .form-sync-error').innerText()
  const focused = await open.page.evaluate(() => document.activeElement!.localName)
  await open.page.locator('sl-input input').fill('zoe@harbour.example')
  await open.page.click('sl-button')
  await open.waitForState('sent')

  const posts = await relay.posted()
  expect([sending, note.trim(), focused]).toEqual(['Sending…', 'Fill in Email', 'sl-input'])
  expect(posts.map((post) => [post.get('Email'), post.get('ok'), post.get('do')])).toEqual([
    ['zoe', 'yes', 'send'],
    ['zoe@harbour.example', 'yes', 'send'],
  ])
  expect(open.errors).toEqual([])
})

const WEB_AWESOME = ['input', 'checkbox', 'button']
  .map((name) => library(`@awesome.me/webawesome/dist-cdn/components/${name}/${name}.js`, 'type=module'))
  .join('')

it('controls of Web Awesome are sent, have their messages, and their button submits', async () => {
  const relay = hosts.relay('held422:Email+202')
  const open =
    await hosts.open(`${WEB_AWESOME}${WIDGET}<form-sync theme=plain><form method=post action="${relay.action}">
    <wa-input name=Email label=E-mail value=zoe></wa-input><wa-checkbox name=ok value=yes checked>Agree</wa-checkbox>
    <wa-button type=submit name=do value=send>Send</wa-button></form></form-sync>`)
  await open.page.waitForFunction(() => customElements.get('wa-button') && customElements.get('wa-input'))

  await open.page.click('wa-button')
  await open.waitForState('sending')
  const sending = await partOf(open.page, 'status')
  await relay.release()
  await open.waitForState('failed')
  const note = await open.page.locator('wa-input + .form-sync-error').innerText()
  const focused = await open.page.evaluate(() => document.activeElement!.localName)
  await open.page.locator('wa-input input').fill('zoe@harbour.example')
  await open.page.click('wa-button')
  await open.waitForState('sent')

  const posts = await relay.posted()
  expect([sending, note.trim(), focused]).toEqual(['Sending…', 'Fill in Email', 'wa-input'])
  expect(posts.map((post) => [post.get('Email'), post.get('ok'), post.get('do')])).toEqual([
    ['zoe', 'yes', 'send'],
    ['zoe@harbour.example', 'yes', 'send'],
  ])
  expect(open.errors).toEqual([])
})

it('the answer of ALTCHA’s own widget is sent with the form', async () => {
  const relay = hosts.relay('202')
  const altcha = createAltcha({ keys: [WORK_KEY], now: Date.now })
  const challenge = JSON.stringify(await altcha.create('contact', PAGE))
  const open = await hosts.open(`${library('altcha/dist/main/altcha.js', 'type=module')}${WIDGET}<form-sync>
    <form method=post action="${relay.action}"><input name=Email value=zoe@harbour.example>
    <altcha-widget challenge='${challenge}'></altcha-widget><button id=send>Send</button></form></form-sync>`)

  // ALTCHA needs a secure context, as pages with TLS and those of this machine are.
  await open.page.goto(open.page.url().replace('www.acme.test', 'localhost'))
  await open.page.locator('altcha-widget label').first().click()
  await open.page.waitForFunction(() => new FormData(document.querySelector('form')!).get('altcha'))
  await open.page.click('#send')
  await open.waitForState('sent')

  const [post] = await relay.posted()
  expect(post!.get('altcha')!.length).toBeGreaterThan(10)
  expect(open.errors).toEqual([])
})

/** Libraries for selects: their style sheet, their scripts, what makes them of the select, and what chooses its second option. */
const SELECTS = [
  [
    'Choices.js',
    'choices.js/public/assets/styles/choices.css',
    ['choices.js/public/assets/scripts/choices.js'],
    `window.choices = new Choices('#fleet')`,
    `choices.setChoiceByValue('Small')`,
    '.choices',
  ],
  [
    'Tom Select',
    'tom-select/dist/css/tom-select.css',
    ['tom-select/dist/js/tom-select.complete.js'],
    `window.tom = new TomSelect('#fleet')`,
    `tom.setValue('Small')`,
    '.ts-wrapper',
  ],
  [
    'Select2',
    'select2/dist/css/select2.css',
    ['jquery/dist/jquery.js', 'select2/dist/js/select2.js'],
    `jQuery('#fleet').select2({ width: '100%' })`,
    `jQuery('#fleet').val('Small').trigger('change')`,
    '.select2-container',
  ],
] as const

describe('a custom select', () => {
  const SELECT = '<select name=Fleet id=fleet required><option value="">Choose</option><option>Small</option></select>'

  const page = (action: string, style: string, scripts: readonly string[], start: string): string =>
    `<link rel=stylesheet href=/node_modules/${style}>${scripts.map((path) => library(path)).join('')}${WIDGET}
     <form-sync theme=plain><form method=post action="${action}"><label for=fleet>Fleet</label>${SELECT}
     <button>Send</button></form></form-sync><script>${start}</script>`

  it.each(SELECTS)(
    'of %s is named where it is missing, and sends what was chosen',
    async (_, style, scripts, start, choose) => {
      const relay = hosts.relay('202')
      const open = await hosts.open(page(relay.action, style, scripts, start))

      await open.page.click('button:not([type=button])')
      // Where the select still takes the focus, the browser shows its own message.
      const summary = await open.page.evaluate(() => {
        const element = document.querySelector('form-sync')!
        return element.shadowRoot!.querySelector('[part=summary]')?.textContent ?? document.activeElement!.id
      })
      const before = await relay.requests()
      await open.page.evaluate(`void ${choose}`)
      await open.page.click('button:not([type=button])')
      await open.waitForState('sent')

      expect(summary).toMatch(/Fleet|fleet/)
      expect(before).toEqual([])
      expect((await relay.posted()).map((post) => post.get('Fleet'))).toEqual(['Small'])
      expect(open.errors).toEqual([])
    },
  )

  it.each(SELECTS)(
    'of %s has the message of the relay below it, and the list has the focus where the select cannot take it',
    async (_, style, scripts, start, choose, shown) => {
      const relay = hosts.relay('422:Fleet+202')
      const open = await hosts.open(page(relay.action, style, scripts, start))
      await open.page.evaluate(`void ${choose}`)

      await open.page.click('button:not([type=button])')
      await open.waitForState('failed')
      const { focus, left, gap, ...rest } = await open.page.evaluate((selector) => {
        const element = document.querySelector('form-sync')!
        const note = document.querySelector('.form-sync-error')!.getBoundingClientRect()
        const custom = document.querySelector(selector)!.getBoundingClientRect()
        const { activeElement } = document
        return {
          focus: activeElement === element ? element.shadowRoot!.activeElement!.role : activeElement!.tagName,
          left: Math.round(note.left - custom.left),
          gap: Math.round(note.top - custom.bottom),
          notes: [...document.querySelectorAll('.form-sync-error')].map(({ textContent }) => textContent),
        }
      }, shown)
      await open.page.evaluate(`void ${choose}`)
      await open.page.click('button:not([type=button])')
      await open.waitForState('sent')

      expect(rest.notes).toEqual(['Fill in Fleet'])
      expect(focus).toBe('alert')
      expect([left, gap >= 0 && gap < 40]).toEqual([0, true])
      expect(open.errors).toEqual([])
    },
  )
})
