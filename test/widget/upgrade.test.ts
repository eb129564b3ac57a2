/** A separate file, because a page can define an element's name only once. */
import { inject, expect, it } from 'vitest'

it('sends a form, with the texts set on it, that was on the page before the script loaded', async () => {
  const action = `${inject('widgetRelay')}/f/202/${crypto.randomUUID()}`
  document.body.innerHTML = `<form-sync><form method=post action="${action}"><input name=Email value=early@b.example><button>Send</button></form></form-sync>`
  const element = document.querySelector('form-sync')!
  element.messages = { thanks: 'Danke!' }
  const visible = element.querySelector('form')!.checkVisibility()
  const sent = new Promise((done) => element.addEventListener('form-sync-sent', done))

  await import('../../widget/index.ts')
  element.querySelector('button')!.click()
  await sent
  await element.updateComplete

  expect(visible).toBe(true)
  expect(element.renderRoot.querySelector('[role=status]')!.textContent).toBe('Danke!')
})

it('can be loaded twice', async () => {
  const again = '../../widget/index.ts?again'

  await expect(import(/* @vite-ignore */ again)).resolves.toHaveProperty('FormSync')
})

it('exports the class without registering it', async () => {
  const { FormSync } = await import('../../widget/form-sync.ts')

  expect(customElements.getName(class extends FormSync {})).toBeNull()
})
