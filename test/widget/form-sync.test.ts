import { describe, expect, it } from 'vitest'
import { userEvent } from 'vitest/browser'
import type { FormSyncSendingEvent } from '../../widget/events.ts'
import { fakeRelay, fieldsOf, formIn, isLeftToBrowser, nextEvent, renderForm } from '../support/widget-page.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

describe('submission id', () => {
  it('sends one request with one id when the button is pressed several times', async () => {
    const relay = fakeRelay('held')
    const { button, find, waitForState } = renderForm(relay)

    await userEvent.dblClick(button)
    await userEvent.click(find('input'))
    await userEvent.keyboard('{Enter}{Enter}{Enter}')
    await relay.release()
    await waitForState('sent')

    const requests = await relay.requests()
    expect(requests).toHaveLength(1)
    expect(fieldsOf(requests[0])._id).toMatch(UUID)
  })

  it('keeps the id over automatic retries and retries by the visitor', async () => {
    const relay = fakeRelay('drop+503+502+502+drop+drop+202')
    const { button, findInShadow, waitForState } = renderForm(relay)

    button.click()
    await waitForState('failed')
    findInShadow('[part=retry]')!.click()
    await waitForState('failed')
    button.click()
    await waitForState('sent')

    const ids = (await relay.requests()).map((request) => fieldsOf(request)._id)
    expect(ids).toHaveLength(7)
    expect(new Set(ids)).toHaveLength(1)
  })

  it('sends a new id when a field has changed since the failed attempt', async () => {
    const relay = fakeRelay('404+202')
    const { button, find, waitForState } = renderForm(relay)

    button.click()
    await waitForState('failed')
    await userEvent.fill(find('input'), 'zoe@harbour.example.net')
    button.click()
    await waitForState('sent')

    const [first, second] = (await relay.requests()).map(fieldsOf)
    expect(second!.Email).toBe('zoe@harbour.example.net')
    expect(second!._id).not.toBe(first!._id)
  })

  it('is the same in a post of the browser, also in a form with a password', async () => {
    const relay = fakeRelay('404')
    const { button, form, waitForState } = renderForm(
      relay,
      '<input name=Email value=zoe@b.example><input type=password name=Pin value=secret><button>Send</button>',
    )

    button.click()
    await waitForState('failed')
    const posted = new FormData(form).get('_id')

    expect(posted).toBe(fieldsOf((await relay.requests())[0])._id)
  })

  it('sends a new id when the form is sent again after a success', async () => {
    const relay = fakeRelay('202')
    const { element, button, waitForState } = renderForm(relay)

    button.click()
    await waitForState('sent')
    element.state = 'idle'
    await waitForState('idle')
    button.click()
    await waitForState('sent')

    const [first, second] = (await relay.requests()).map(fieldsOf)
    expect(second!._id).not.toBe(first!._id)
  })

  it('sends nothing more while the browser opens the thanks page', async () => {
    const relay = fakeRelay('202:thanks')
    const { button, waitForState } = renderForm(relay)

    button.click()
    await waitForState('sent')
    button.click()
    button.click()

    expect(await relay.requests()).toHaveLength(1)
  })

  it('uses the id that the page has put into the form', async () => {
    const relay = fakeRelay('202')
    const { element, button } = renderForm(
      relay,
      '<input name=_id value=11111111-1111-4111-8111-111111111111><button>Send</button>',
    )
    const sent = nextEvent(element, 'form-sync-sent')

    button.click()

    expect((await sent).id).toBe('11111111-1111-4111-8111-111111111111')
    expect((await relay.requests())[0]!.body).toMatch(/^_id=11111111-[^&]+&_page=/)
  })
})

describe('hidden fields that change at each press', () => {
  const FIELDS =
    '<input name=Email value=zoe@harbour.example><input type=hidden name=stamp><textarea name=g-recaptcha-response hidden></textarea><button>Send</button>'

  it.each([
    ['202:thanks', 'sent', 1],
    ['404', 'failed', 3],
  ] as const)('make no other submission, with the reply %s', async (reply, state, count) => {
    const relay = fakeRelay(reply)
    const { form, button, find, waitForState } = renderForm(relay, FIELDS)
    let stamp = 0
    form.addEventListener('formdata', ({ formData }) => {
      formData.set('stamp', `${(stamp += 1)}`)
      formData.append('token', `${stamp}`)
    })

    for (const answer of ['a', 'b', 'c']) {
      Object.assign(find('textarea'), { value: answer })
      button.click()
      await waitForState(state)
    }

    const ids = (await relay.requests()).map((request) => fieldsOf(request)._id)
    expect(ids).toHaveLength(count)
    expect(new Set(ids)).toHaveLength(1)
  })
})

describe('while the form is being sent', () => {
  it('shows "Sending…" below the form, and the button keeps the focus', async () => {
    const relay = fakeRelay('held')
    const { button, findInShadow, waitForState } = renderForm(relay)

    await userEvent.click(button)
    await waitForState('sending')

    const status = findInShadow('[role=status] [part=status]')!
    expect(status.textContent).toBe('Sending…')
    expect(status.getBoundingClientRect().top).toBeGreaterThanOrEqual(button.getBoundingClientRect().bottom)
    expect(document.activeElement).toBe(button)
    await relay.release()
    await waitForState('sent')
  })

  it.each([
    ['a button', '<button aria-disabled=false><b>Send</b> request</button>'],
    ['an input of type submit', '<input type=submit value="Send request">'],
  ])('changes neither the form nor %s', async (_, button) => {
    const relay = fakeRelay('held404')
    const { form, element, waitForState } = renderForm(relay, `<input name=Email aria-invalid=false>${button}`)
    form.setAttribute('aria-busy', 'false')
    const before = element.innerHTML

    form.requestSubmit(element.querySelector<HTMLElement>('button, [type=submit]'))
    await waitForState('sending')
    const during = element.innerHTML
    await relay.release()
    await waitForState('failed')

    expect([during, element.innerHTML]).toEqual([before, before])
  })

  it('says below the form that a chosen file is not sent', async () => {
    const relay = fakeRelay('held')
    const { element, button, find, findInShadow, waitForState } = renderForm(
      relay,
      '<input type=hidden name=cv value=keep><input type=file name=cv><button>Send</button>',
    )
    const status = findInShadow('[role=status]')!
    const before = status.textContent

    await userEvent.upload(find('[type=file]'), new File(['private'], 'cv.pdf'))
    await element.updateComplete
    const chosen = status.textContent
    button.click()
    await waitForState('sending')
    const during = status.textContent
    await relay.release()
    await waitForState('sent')

    const text = 'Files are not sent with this form.'
    expect([before, chosen, during]).toEqual(['', text, `Sending… ${text}`])
    expect((await relay.requests())[0]!.body).toMatch(/^cv=keep&_id=/)
  })

  it('has the state as an attribute and as :state()', async () => {
    const relay = fakeRelay('held')
    const { element, button, waitForState } = renderForm(relay)

    button.click()
    await waitForState('sending')
    const during = [element.matches(':state(sending)'), element.matches(':state(idle)')]
    await relay.release()
    await waitForState('sent')

    expect(during).toEqual([true, false])
    expect(element.matches('[state=sent]:state(sent)')).toBe(true)
  })
})

describe('a copy of the element', () => {
  it.each([
    ['while it is sending', 'held', 'sending'],
    ['with fields to correct', '422:Email', 'failed'],
  ] as const)('made %s is idle and can be sent', async (_, reply, state) => {
    const [original, copied] = [fakeRelay(reply), fakeRelay('202')]
    const { element, button, waitForState } = renderForm(
      original,
      '<small id=hint>Hint</small><input name=Email aria-describedby=hint value=a@b.example><button>Send</button>',
    )
    button.click()
    await waitForState(state)

    const section = document.createElement('section')
    section.append(element.cloneNode(true))
    document.body.append(section)
    const copy = formIn(section)
    await copy.waitForState('idle')
    const before = [
      copy.element.getAttribute('state'),
      copy.form.outerHTML,
      copy.findInShadow('[role=status]')!.textContent,
    ]
    copy.form.setAttribute('action', copied.action)
    copy.button.click()
    await copy.waitForState('sent')

    expect(before).toEqual(['idle', expect.not.stringMatching(/class="form-sync-error"|aria-invalid/), ''])
    expect(copy.find('input').getAttribute('aria-describedby')).toMatch(/^hint( |$)/)
    expect(await copied.requests()).toHaveLength(1)
  })

  it.each([
    ['hidden', '<p data-form-sync-error=Email class=form-sync-error hidden>As on your badge</p>'],
    ['shown', '<p data-form-sync-error=Email>As on your badge</p>'],
  ])('has the own text of a place of the page for errors, which is %s', async (_, place) => {
    const { element, button, find, waitForState } = renderForm(fakeRelay('422:Email'), undefined, '', place)
    const before = find('p').outerHTML
    button.click()
    await waitForState('failed')

    const section = document.createElement('section')
    section.append(element.cloneNode(true))
    document.body.append(section)
    const copy = formIn(section)
    await copy.waitForState('idle')

    expect(copy.find('p').outerHTML.replace(/ id="[^"]*"/, '')).toBe(before)
    expect(copy.find('input').matches('[aria-invalid]')).toBe(false)
    expect(find('p').textContent).toBe('Fill in Email')
  })

  it('shows the form in place of the thanks of the page', async () => {
    const { element, button, waitForState } = renderForm(
      fakeRelay('202'),
      undefined,
      '',
      '<p data-form-sync-sent hidden>Thank you</p>',
    )
    element.form!.style.display = 'grid'
    button.click()
    await waitForState('sent')

    const section = document.createElement('section')
    section.append(element.cloneNode(true))
    document.body.append(section)
    const copy = formIn(section)
    await copy.waitForState('idle')

    expect([copy.form.style.display, copy.find('p').checkVisibility()]).toEqual(['grid', false])
    expect(element.form!.checkVisibility()).toBe(false)
  })
})

describe('after a success', () => {
  it('replaces the form by the slot "sent", moves the focus there and does not navigate', async () => {
    const { form, button, find, findInShadow, navigations, waitForState } = renderForm(
      fakeRelay('202:thanks'),
      undefined,
      '',
      '<div slot=sent hidden>Thank you, <b>Zoë</b>.</div>',
    )

    button.click()
    await waitForState('sent')

    const status = findInShadow('[role=status]')!
    expect(form.checkVisibility()).toBe(false)
    expect(find('[slot=sent]').checkVisibility()).toBe(true)
    expect(status.contains(findInShadow('slot[name=sent]'))).toBe(true)
    expect(findInShadow(':focus')).toBe(status)
    expect(navigations).toEqual([])
  })

  it('opens the thanks address if there is no slot "sent", and shows the form until then', async () => {
    const { form, button, findInShadow, navigations, waitForState } = renderForm(fakeRelay('202:thanks'))

    button.click()
    await waitForState('sent')

    expect(navigations).toEqual(['https://www.acme.example/thanks'])
    expect(form.checkVisibility()).toBe(true)
    expect(findInShadow('[role=status]')!.textContent).toBe('Sent')
  })

  it('accepts another submission when the visitor comes back from the thanks page', async () => {
    const relay = fakeRelay('202:thanks')
    const { button, find, navigations, waitForState } = renderForm(relay)
    button.click()
    await waitForState('sent')

    await userEvent.type(find('input'), '.net')
    await waitForState('idle')
    button.click()
    await waitForState('sent')

    expect(navigations).toHaveLength(2)
    expect(await relay.requests()).toHaveLength(2)
  })

  it('refuses another press while the browser opens the thanks page, whatever scripts write into the fields', async () => {
    const relay = fakeRelay('202:thanks')
    const { button, find, waitForState } = renderForm(relay)
    button.click()
    await waitForState('sent')

    Object.assign(find('input'), { value: 'by-script@harbour.example' })
    button.click()
    button.click()

    expect(await relay.requests()).toHaveLength(1)
  })

  it.each([
    ['on this page', '#thanks', true],
    ['on another page', '/other#thanks', false],
  ])('shows the thanks if the thanks address is an anchor %s: %s', async (_, next, isShown) => {
    const { element, form, button, navigations, findInShadow, waitForState } = renderForm(fakeRelay('202'))
    const url = new URL(next, location.href).href
    const respond = async (): Promise<Response> =>
      Response.json({ ok: true }, { status: 202, headers: { location: url } })
    element.globals = { ...element.globals, fetch: respond }

    button.click()
    await waitForState('sent')

    expect(form.checkVisibility()).toBe(!isShown)
    expect(findInShadow('[part=thanks]') !== null).toBe(isShown)
    await expect.poll(() => navigations).toEqual([url])
  })

  it('shows a short message if there is neither a slot "sent" nor a thanks address', async () => {
    const { form, button, findInShadow, waitForState } = renderForm(fakeRelay('202'))

    button.click()
    await waitForState('sent')

    expect(form.checkVisibility()).toBe(false)
    expect(findInShadow('[role=status]')!.textContent).toBe('Thank you. Your form has been sent.')
    expect(findInShadow(':focus')).toBe(findInShadow('[role=status]'))
  })

  it('leaves the focus alone if the visitor has moved it to another part of the page', async () => {
    const relay = fakeRelay('held')
    const { button, waitForState } = renderForm(relay)
    document.body.insertAdjacentHTML('beforeend', '<input id=search aria-label=Search>')

    button.click()
    document.querySelector<HTMLElement>('#search')!.focus()
    await relay.release()
    await waitForState('sent')

    expect(document.activeElement!.id).toBe('search')
  })
})

describe('after a failure', () => {
  it('shows a message, keeps the fields and sends them again on request', async () => {
    const relay = fakeRelay('404+202')
    const { button, find, findInShadow, waitForState } = renderForm(relay)
    await userEvent.fill(find('input'), 'typed@harbour.example')
    button.click()
    await waitForState('failed')

    const alert = findInShadow('[part=failed]')!.closest('[role=alert]')
    expect(alert!.textContent).toContain('Your form could not be sent.')
    expect((find('input') as HTMLInputElement).value).toBe('typed@harbour.example')
    expect(button.textContent).toBe('Send request')

    findInShadow('[part=retry]')!.click()
    expect(document.activeElement).toBe(button)
    await waitForState('sent')
    expect(findInShadow('[part=failed]')).toBeNull()
    expect((await relay.requests()).map((request) => fieldsOf(request).Email)).toEqual(
      Array(2).fill('typed@harbour.example'),
    )
  })

  it('keeps the id if another button of the same form is pressed', async () => {
    const relay = fakeRelay('404+202')
    const { element, waitForState } = renderForm(
      relay,
      '<input name=Email value=a@b.example><button name=go value=1>One</button><button name=go value=2>Two</button>',
    )
    const [one, two] = element.querySelectorAll('button')

    one!.click()
    await waitForState('failed')
    two!.click()
    await waitForState('sent')

    const [first, second] = (await relay.requests()).map(fieldsOf)
    expect(second!._id).toBe(first!._id)
    expect([first!.go, second!.go]).toEqual(['1', '2'])
  })

  it('shows the slot "failed" in place of the default message', async () => {
    const { button, find, findInShadow, waitForState } = renderForm(
      fakeRelay('404'),
      undefined,
      '',
      '<p slot=failed hidden>Call us: 040 1234</p>',
    )

    button.click()
    await waitForState('failed')

    expect(find('[slot=failed]').checkVisibility()).toBe(true)
    expect(findInShadow('[part=failed] [part=message]')!.checkVisibility()).toBe(false)
    expect(findInShadow('[part=retry]')).not.toBeNull()
  })

  it('shows the texts of the property "messages"', async () => {
    const { element, button, findInShadow, waitForState } = renderForm(fakeRelay('404'))
    element.messages = { retry: 'Noch einmal', failed: 'Das ging nicht.' }

    button.click()
    await waitForState('failed')

    expect(findInShadow('[part=failed]')!.textContent).toBe('Das ging nicht.Noch einmal')
  })

  it('retries by keyboard a form that was submitted without a button', async () => {
    const relay = fakeRelay('404+202')
    const { form, findInShadow, waitForState } = renderForm(relay)
    form.requestSubmit()
    await waitForState('failed')

    findInShadow('[part=retry]')!.focus()
    await userEvent.keyboard('{Enter}')
    await waitForState('sent')

    expect(await relay.requests()).toHaveLength(2)
  })
})

describe('events', () => {
  it('sends the fields as a listener of form-sync-sending has changed them', async () => {
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(relay)
    const dispatched = nextEvent(document.body, 'form-sync-sending')

    document.body.addEventListener('form-sync-sending', ({ data }) => data.set('score', '7'), { once: true })
    button.click()
    await waitForState('sent')

    const { data } = await dispatched
    const received = fieldsOf((await relay.requests())[0])
    expect(received).toEqual(Object.fromEntries(data))
    expect(received).toMatchObject({ Email: 'zoe@harbour.example', score: '7', _id: expect.stringMatching(UUID) })
  })

  it('sends nothing if a listener cancels form-sync-sending', async () => {
    const relay = fakeRelay('202')
    const { element, button } = renderForm(relay)
    element.addEventListener('form-sync-sending', (event: FormSyncSendingEvent) => event.preventDefault(), {
      once: true,
    })

    expect(await isLeftToBrowser(() => button.click())).toBe(false)
    expect(element.state).toBe('idle')
    expect(await relay.requests()).toHaveLength(0)
  })

  it.each([
    ['settled', (run: () => void) => Promise.resolve().then(run)],
    [
      'rejected',
      async (run: () => void) => {
        await Promise.resolve()
        run()
        throw new Error('no token')
      },
    ],
  ])('waits until the promise of waitUntil is %s', async (_, wait) => {
    const relay = fakeRelay('202')
    const { element, button, waitForState } = renderForm(relay)
    element.addEventListener(
      'form-sync-sending',
      (event) => event.waitUntil(wait(() => event.data.set('token', 'late'))),
      { once: true },
    )

    button.click()
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0]).token).toBe('late')
  })

  it('stays on the page and shows the thanks if a listener cancels form-sync-sent', async () => {
    const { element, button, findInShadow, navigations, waitForState } = renderForm(fakeRelay('202:thanks'))
    element.addEventListener('form-sync-sent', (event) => event.preventDefault(), { once: true })

    button.click()
    await waitForState('sent')

    expect(findInShadow('[part=thanks]')).not.toBeNull()
    expect(navigations).toEqual([])
  })

  it('dispatches form-sync-sent with the id', async () => {
    const relay = fakeRelay('202')
    const { button } = renderForm(relay)
    const sent = nextEvent(document.body, 'form-sync-sent')

    button.click()

    const { id, composed } = await sent
    expect(id).toBe(fieldsOf((await relay.requests())[0])._id)
    expect(composed).toBe(true)
  })

  it.each([
    ['a dropped connection', 'drop', 'network', undefined],
    ['a temporary error', '503', 'unavailable', 'unavailable'],
    ['a refusal', '403', 'refused', 'origin'],
    ['fields to correct', '422:Email', 'fields', 'fields'],
  ])('dispatches form-sync-failed with the reason after %s', async (_, answers, reason, code) => {
    const relay = fakeRelay(answers)
    const { button } = renderForm(relay)
    const failed = nextEvent(document.body, 'form-sync-failed')

    button.click()

    const event = await failed
    expect([event.reason, event.problem?.code]).toEqual([reason, code])
    expect(event.id).toBe(fieldsOf((await relay.requests())[0])._id)
  })
})

describe('precedence of the page', () => {
  it('does nothing if a script of the page has cancelled the submit', async () => {
    const relay = fakeRelay('202')
    const { element, form, button } = renderForm(relay)
    form.addEventListener('submit', (event) => event.preventDefault())

    button.click()

    expect(element.state).toBe('idle')
    expect(await relay.requests()).toHaveLength(0)
  })

  it('sends nothing if the browser finds an invalid field', async () => {
    const relay = fakeRelay('202')
    const { element, button } = renderForm(relay, '<input type=email name=Email value=nonsense><button>Send</button>')

    button.click()

    expect(element.state).toBe('idle')
    expect(await relay.requests()).toHaveLength(0)
  })

  it('leaves the submit to the browser if the widget throws', async () => {
    const { element, button } = renderForm(fakeRelay('202'))
    const ignore = (event: Event): void => {
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    addEventListener('error', ignore, { capture: true, once: true })
    const id = (): string => {
      throw new Error('no randomness')
    }
    element.globals = { ...element.globals, id }

    expect(await isLeftToBrowser(() => button.click())).toBe(true)
    expect(element.state).toBe('idle')
  })

  it('ignores a submit event that a script has dispatched', async () => {
    const relay = fakeRelay('202')
    const { element, form } = renderForm(relay)

    form.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }))

    expect(element.state).toBe('idle')
    expect(await relay.requests()).toHaveLength(0)
  })

  it('sends a form in a shadow tree of the page', async () => {
    const relay = fakeRelay('202')
    document.body.innerHTML = '<div></div>'
    const root = document.querySelector('div')!.attachShadow({ mode: 'open' })
    root.innerHTML = `<form-sync><form method=post action="${relay.action}"><input name=Email><button>Send</button></form></form-sync>`
    const { button, waitForState } = formIn(root)

    button.click()
    await waitForState('sent')

    expect(await relay.requests()).toHaveLength(1)
  })
})

describe('changes of the page', () => {
  it('sends a form that was inserted later', async () => {
    const relay = fakeRelay('202')
    const { element, waitForState } = renderForm(fakeRelay('404'))

    element.innerHTML = `<form method=post action="${relay.action}"><input name=Email value=new@b.example><button>Send</button></form>`
    element.querySelector('button')!.click()
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0]).Email).toBe('new@b.example')
  })

  it('ignores the response to a replaced form while its replacement is being sent', async () => {
    const [replaced, current] = [fakeRelay('held'), fakeRelay('held')]
    const { element, button, waitForState } = renderForm(replaced)
    button.click()
    await waitForState('sending')
    element.innerHTML = `<form method=post action="${current.action}"><input name=Email value=new@b.example><button>Send</button></form>`
    element.querySelector('button')!.click()

    const sent = nextEvent(element, 'form-sync-sent')
    await replaced.release()
    await sent

    expect(element.state).toBe('sending')
    await current.release()
    await waitForState('sent')
  })

  it('shows the form that has replaced the one being sent', async () => {
    const relay = fakeRelay('held')
    const { element, button, waitForState } = renderForm(relay)
    button.click()
    await waitForState('sending')

    element.innerHTML = '<form method=post action=/x><input name=a></form>'
    await relay.release()
    await waitForState('idle')

    expect(element.querySelector('form')!.checkVisibility()).toBe(true)
  })

  it('finishes the request after its removal from the page, without navigating', async () => {
    const relay = fakeRelay('held:thanks')
    const { element, button, navigations, waitForState } = renderForm(relay)
    button.click()
    await waitForState('sending')

    element.remove()
    const sent = nextEvent(element, 'form-sync-sent')
    await relay.release()
    await sent
    document.body.append(element)
    await element.updateComplete

    expect(navigations).toEqual([])
    expect(element.state).toBe('sent')
  })

  it('ignores a submit after its removal from the page', () => {
    const { element, form } = renderForm(fakeRelay('202'))
    const submit = new SubmitEvent('submit', { bubbles: true, cancelable: true })

    element.remove()
    form.dispatchEvent(submit)

    expect(submit.defaultPrevented).toBe(false)
  })

  it('sends one request after it was moved in the page', async () => {
    const relay = fakeRelay('202')
    const { element, button, waitForState } = renderForm(relay)

    element.remove()
    document.body.append(element)
    button.click()
    await waitForState('sent')

    expect(await relay.requests()).toHaveLength(1)
  })

  it('keeps two forms on one page independent', async () => {
    const [left, right] = [fakeRelay('202'), fakeRelay('422:Email')]
    document.body.innerHTML = [left, right]
      .map(
        ({ action }) =>
          `<section><form-sync><form method=post action="${action}"><input name=Email><button>Send</button></form></form-sync></section>`,
      )
      .join('')
    const [one, two] = [...document.querySelectorAll('section')].map(formIn)

    two!.button.click()
    await two!.waitForState('failed')
    one!.button.click()
    await one!.waitForState('sent')

    expect(two!.element.state).toBe('failed')
    expect(await left.requests()).toHaveLength(1)
    expect(await right.requests()).toHaveLength(1)
  })
})
