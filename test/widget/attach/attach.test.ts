import { beforeEach, describe, expect, it, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import type { FormSync } from '../../../widget/form-sync.ts'
import { fakeRelay, fieldsOf, type FakeRelay, formIn, isLeftToBrowser } from '../../support/widget-page.ts'

const form = ({ action }: FakeRelay, attributes: string, fields = '<input name=Email value=a@b.example>'): string =>
  `<form method=post action="${action}" ${attributes}>${fields}<button>Send</button></form>`

beforeEach(() => document.body.replaceChildren())

/** Adds an element for a form elsewhere, without pauses and navigations. */
function addElement(selector: string): ReturnType<typeof formIn> {
  const element = document.createElement('form-sync')
  element.setAttribute('for', selector)
  element.globals = { ...element.globals, wait: async () => {} }
  document.body.append(element)
  return formIn(document.body)
}

const shadow = (content: string): ShadowRoot => {
  const host = document.createElement('div')
  document.body.append(host)
  const root = host.attachShadow({ mode: 'open' })
  root.innerHTML = content
  return root
}

describe('a form that is not inside the element', () => {
  it.each([
    ['its id', 'contact', 'id=contact'],
    ['an id that is no selector', '1:contact', 'id=1:contact'],
    ['a selector', 'form[name="contact form"]', 'name="contact form"'],
  ])('is sent when "for" names it by %s', async (_, selector, attributes) => {
    const relay = fakeRelay('202')
    document.body.innerHTML = form(relay, attributes)
    const { element, waitForState, findInShadow } = addElement(selector)

    await element.ready
    document.querySelector('button')!.click()
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0])).toMatchObject({ Email: 'a@b.example', _id: expect.any(String) })
    expect(document.querySelector('form')!.checkVisibility()).toBe(false)
    expect(findInShadow('[role=status]')!.textContent).toContain('Thank you')
  })

  it('may be named by an element around it', async () => {
    const relay = fakeRelay('202')
    document.body.innerHTML = `<div class=page-builder>${form(relay, '')}</div>`
    const { element } = addElement('.page-builder')

    await element.ready
    await element.submit()

    expect(await relay.requests()).toHaveLength(1)
  })

  it('is sent when it is inserted later, and so is the one that replaces it', async () => {
    const relay = fakeRelay('202')
    const { element } = addElement('contact')

    document.body.insertAdjacentHTML('beforeend', form(relay, 'id=contact'))
    await element.ready
    const first = element.form!
    await element.submit()
    first.outerHTML = form(relay, 'id=contact', '<input name=Email value=second@b.example>')
    await expect.poll(() => element.form).not.toBe(first)
    await expect.poll(() => element.form).toBeTruthy()
    element.reset()
    await element.submit()

    expect((await relay.requests()).map((request) => fieldsOf(request).Email)).toEqual([
      'a@b.example',
      'second@b.example',
    ])
  })

  it('is found in an open shadow tree, also in one within another', async () => {
    const relay = fakeRelay('202')
    const outer = shadow('<p></p>')
    outer.querySelector('p')!.attachShadow({ mode: 'open' }).innerHTML = form(relay, 'id=contact')
    const { element } = addElement('contact')

    await element.ready
    element.form!.querySelector('button')!.click()
    await expect.poll(() => element.state).toBe('sent')

    expect(fieldsOf((await relay.requests())[0])).toMatchObject({ Email: 'a@b.example' })
  })

  it('is found when it is inserted into a shadow tree later', async () => {
    const relay = fakeRelay('202')
    const root = shadow('')
    const { element } = addElement('contact')

    root.innerHTML = form(relay, 'id=contact')
    await element.ready
    await element.submit()

    expect(await relay.requests()).toHaveLength(1)
  })

  it('shows messages at its fields, and the focus goes to the first', async () => {
    const relay = fakeRelay('422:Email')
    document.body.innerHTML = form(relay, 'id=contact')
    const { element, findInShadow, waitForState } = addElement('contact')

    await element.ready
    await userEvent.click(document.querySelector('button')!)
    await waitForState('failed')

    expect(document.querySelector('.form-sync-error')!.textContent).toBe('Fill in Email')
    expect(findInShadow('[part=summary]')).not.toBeNull()
    expect(document.activeElement).toBe(document.querySelector('input'))
  })

  it('is shown again after reset()', async () => {
    document.body.innerHTML = form(fakeRelay('202'), 'id=contact style="display: flex"')
    const { element } = addElement('contact')
    await element.ready
    await element.submit()
    await element.updateComplete

    element.reset()
    await element.updateComplete

    expect(element.form!.style.display).toBe('flex')
  })

  it.each([
    ['was sent', '202', 'sent'],
    ['has a field to correct', '422:Email', 'failed'],
  ])('is as before on a copy of a page where it %s', async (_, reply, state) => {
    document.body.innerHTML = `<div>${form(fakeRelay(reply), 'id=contact')}<p data-form-sync-status></p></div>`
    const { element } = addElement('contact')
    await element.ready
    await element.submit()
    await expect.poll(() => element.getAttribute('state')).toBe(state)
    document.querySelector('p')!.textContent = 'Sending…'

    // As Turbo does it: the copy takes the place of the page.
    document.body.replaceWith(document.body.cloneNode(true))
    const copy = document.querySelector('form-sync')!
    await copy.ready
    await copy.updateComplete

    expect(copy.form!.checkVisibility()).toBe(true)
    expect(document.querySelector('.form-sync-error, [aria-invalid]')).toBeNull()
    expect(document.querySelector('p')!.textContent).toBe('')
  })

  it('is the business of the browser after the element has left the page', async () => {
    const relay = fakeRelay('202')
    document.body.innerHTML = form(relay, 'id=contact')
    const { element } = addElement('contact')
    await element.ready

    element.remove()
    await expect.poll(() => element.form).toBeNull()

    expect(await isLeftToBrowser(() => document.querySelector('button')!.click())).toBe(true)
    expect(await relay.requests()).toEqual([])
  })

  it('is named to the developer when the page does not have it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})

    addElement('contact')

    await expect
      .poll(() => warn.mock.calls.map(([text]) => String(text)))
      .toEqual(['form-sync: There is no form for="contact". Give the id of a form on this page, or a selector.'])
    warn.mockRestore()
  })
})

describe('a form that the page sends itself, with "also"', () => {
  /** Shows a form that a script of the page sends. */
  function render(relay: FakeRelay, action = '/contact', also = relay.action): FormSync {
    document.body.innerHTML = `<form-sync also="${also}"><form method=post action="${action}"><input name=Email value=a@b.example required><button>Send</button></form></form-sync>`
    document.querySelector('form')!.addEventListener('submit', (event) => event.preventDefault())
    return formIn(document.body).element
  }

  it('is sent to the relay too, and the widget shows nothing', async () => {
    const relay = fakeRelay('202')
    const element = render(relay)

    document.querySelector('button')!.click()
    await expect.poll(() => element.state).toBe('sent')
    await element.updateComplete

    expect(fieldsOf((await relay.requests())[0])).toMatchObject({ Email: 'a@b.example', _id: expect.any(String) })
    expect(document.querySelector('form')!.checkVisibility()).toBe(true)
    expect(element.renderRoot.textContent).toBe('')
  })

  it('is sent to the address of the form if "also" names none', async () => {
    const relay = fakeRelay('202')
    const element = render(relay, relay.action, '')

    document.querySelector('button')!.click()
    await expect.poll(() => element.state).toBe('sent')

    expect(await relay.requests()).toHaveLength(1)
  })

  it.each(['404', '422:Email'])('shows nothing of a failure (%s) either', async (reply) => {
    const element = render(fakeRelay(reply))

    document.querySelector('button')!.click()
    await expect.poll(() => element.state).toBe('failed')
    await element.updateComplete

    expect(element.renderRoot.textContent).toBe('')
    expect(document.querySelector('.form-sync-error')).toBeNull()
  })

  it('is left to the browser if the page does not prevent the submit', async () => {
    const relay = fakeRelay('202')
    const element = render(relay)
    document.querySelector('form')!.outerHTML = '<form method=post action=/contact><button>Send</button></form>'

    const isLeft = await isLeftToBrowser(() => document.querySelector('button')!.click())
    await expect.poll(() => element.state).toBe('sent')

    expect(isLeft).toBe(true)
    expect(await relay.requests()).toHaveLength(1)
  })

  it('is sent once however often it is pressed, and again when it has changed', async () => {
    const relay = fakeRelay('held')
    const element = render(relay)
    const press = (): void => document.querySelector('button')!.click()

    press()
    press()
    await relay.release()
    await expect.poll(() => element.state).toBe('sent')
    press()
    element.set({ Email: 'b@b.example' })
    press()
    await expect.poll(async () => (await relay.requests()).length).toBe(2)

    expect((await relay.requests()).map((request) => fieldsOf(request).Email)).toEqual(['a@b.example', 'b@b.example'])
  })

  it('is sent again when it has changed while the first copy is on its way', async () => {
    const relay = fakeRelay('held')
    const element = render(relay)

    document.querySelector('button')!.click()
    element.set({ Email: 'b@b.example' })
    document.querySelector('button')!.click()
    await expect.poll(async () => (await relay.requests()).length).toBe(2)
    await relay.release()

    expect((await relay.requests()).map((request) => fieldsOf(request).Email)).toEqual(
      expect.arrayContaining(['a@b.example', 'b@b.example']),
    )
  })

  it('can be sent by submit() from a handler of the page, without another submit event', async () => {
    const relay = fakeRelay('202')
    const element = render(relay)
    let submits = 0
    element.addEventListener('submit', () => (submits += 1))

    const event = await element.submit()

    expect(event?.type).toBe('form-sync-sent')
    expect(submits).toBe(0)
  })

  it('keeps its own request free of the widget’s fields', () => {
    const element = render(fakeRelay('202'))

    const own = new FormData(element.form!)

    expect([...own.keys()]).toEqual(['Email'])
  })
})
