import { expect, it, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import { fakeRelay, renderForm } from '../../support/widget-page.ts'

const FIELDS = `<input name=Email value=a@b.example><input type=checkbox name=Topic value=a checked>
  <input type=checkbox name=Topic value=b checked><input type=password name=Pin value=secret><button>Send</button>`

it('the attribute "debug" shows the state, the address and what would be sent, and no value that is never sent', async () => {
  const relay = fakeRelay('202')
  const { findInShadow } = renderForm(relay, FIELDS, 'debug')
  const text = (): string => findInShadow('[part=debug]')?.textContent ?? ''

  await expect.poll(text).toContain('state: idle')

  expect(text().split('\n')).toEqual([
    'state: idle',
    `to: ${relay.action}`,
    'Email = a@b.example',
    'Topic = a',
    'Topic = b',
    expect.stringMatching(/^_id = [\da-f-]{36}$/),
    expect.stringMatching(/^_page = http/),
    expect.stringMatching(/^_referrer = |^_query = /),
    ...text().split('\n').slice(8, -1),
    'Pin is never sent',
  ])
  expect(text()).not.toContain('secret')
  expect(await relay.requests()).toEqual([])
})

it('the attribute "debug" follows what is entered and what becomes of the form', async () => {
  const relay = fakeRelay('202')
  const { element, find, findInShadow, waitForState } = renderForm(relay, FIELDS, 'debug')
  const text = (): string => findInShadow('[part=debug]')?.textContent ?? ''
  await expect.poll(text).toContain('state: idle')

  await userEvent.fill(find('[name=Email]'), 'a@b.example.org')
  await expect.poll(text).toContain('Email = a@b.example.org')
  const [, id] = /_id = (\S+)/.exec(text())!
  await element.submit()
  await waitForState('sent')
  await expect.poll(text).toContain('state: sent')

  const [request] = await relay.requests()
  expect(new URLSearchParams(request!.body).get('_id')).toBe(id)
})

it('without the attribute nothing is shown', async () => {
  const { element, findInShadow } = renderForm(fakeRelay('202'), FIELDS)

  await element.submit()

  expect(findInShadow('[part=debug]')).toBeNull()
})

it('the attribute "debug" names the fields that the relay does not know in the console, each once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const relay = fakeRelay('202')
  const { element, findInShadow, waitForState } = renderForm(
    relay,
    `<input name=Email value=a@b.example><input name=unknownPhone value=401234><button>Send</button>`,
    'debug',
  )
  await expect.poll(() => findInShadow('[part=debug]')?.textContent).toContain('state: idle')

  await element.submit()
  await waitForState('sent')
  element.set({ Email: 'b@b.example' })
  await element.submit()
  await expect.poll(() => warn.mock.calls.length).toBeGreaterThan(0)

  const texts = warn.mock.calls.map(([text]) => String(text))
  expect(texts).toEqual([expect.stringContaining('does not know the field "unknownPhone", and has left it out')])
  expect(texts[0]).not.toContain('401234')
  expect(await relay.requests()).toHaveLength(2)
})

it('without the attribute the relay is not asked for names', async () => {
  const relay = fakeRelay('202')
  const { element } = renderForm(relay, FIELDS)

  await element.submit()

  expect(new URLSearchParams((await relay.requests())[0]!.body).has('_debug')).toBe(false)
})
