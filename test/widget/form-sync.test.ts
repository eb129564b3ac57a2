import { describe, expect, it } from 'vitest'
import { userEvent } from 'vitest/browser'
import type { FormSyncSendingEvent } from '../../widget/events.ts'
import { fieldsOf, next, place, scene, show } from '../support/widget-page.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

describe('one filled-in form', () => {
  it('has one id, however often it is pressed', async () => {
    const relay = place('held')
    const { button, find, reaches } = show(relay)

    await userEvent.dblClick(button)
    await userEvent.click(find('input'))
    await userEvent.keyboard('{Enter}{Enter}{Enter}')
    await relay.release()
    await reaches('sent')

    const seen = await relay.seen()
    expect(seen).toHaveLength(1)
    expect(fieldsOf(seen[0])._id).toMatch(UUID)
  })

  it('keeps its id through failures, tries of its own and the visitor’s', async () => {
    const relay = place('drop+503+502+502+drop+drop+202')
    const { button, inside, reaches } = show(relay)

    button.click()
    await reaches('failed')
    inside('[part=retry]')!.click()
    await reaches('failed')
    button.click()
    await reaches('sent')

    const ids = (await relay.seen()).map((request) => fieldsOf(request)._id)
    expect(ids).toHaveLength(7)
    expect(new Set(ids)).toHaveLength(1)
  })

  it('is another one when what is filled in differs from the last attempt', async () => {
    const relay = place('404+202')
    const { button, find, reaches } = show(relay)

    button.click()
    await reaches('failed')
    await userEvent.fill(find('input'), 'zoe@harbour.example.net')
    button.click()
    await reaches('sent')

    const [first, second] = (await relay.seen()).map(fieldsOf)
    expect(second!.Email).toBe('zoe@harbour.example.net')
    expect(second!._id).not.toBe(first!._id)
  })

  it('is another one after it was sent', async () => {
    const relay = place('202')
    const { element, button, reaches } = show(relay)

    button.click()
    await reaches('sent')
    element.state = 'idle'
    await reaches('idle')
    button.click()
    await reaches('sent')

    const [first, second] = (await relay.seen()).map(fieldsOf)
    expect(second!._id).not.toBe(first!._id)
  })

  it('is not sent again from a page that the visitor is already leaving', async () => {
    const relay = place('202:thanks')
    const { button, reaches } = show(relay)

    button.click()
    await reaches('sent')
    button.click()
    button.click()

    expect(await relay.seen()).toHaveLength(1)
  })

  it('has the id that the page gives it', async () => {
    const relay = place('202')
    const { element, button } = show(
      relay,
      '<input name=_id value=11111111-1111-4111-8111-111111111111><button>Send</button>',
    )
    const sent = next(element, 'form-sync-sent')

    button.click()

    expect((await sent).id).toBe('11111111-1111-4111-8111-111111111111')
    expect((await relay.seen())[0]!.body).toMatch(/^_id=11111111-[^&]+&_page=/)
  })
})

describe('while it is being sent', () => {
  it('says so on the pressed button and keeps the focus there', async () => {
    const relay = place('held')
    const { form, button, inside, reaches } = show(relay)

    await userEvent.click(button)
    await reaches('sending')

    expect(button.textContent).toBe('Sending…')
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(button.disabled).toBe(false)
    expect(document.activeElement).toBe(button)
    expect(form.getAttribute('aria-busy')).toBe('true')
    expect(inside('[role=status]')!.textContent).toBe('Sending…')
    await relay.release()
    await reaches('sent')
  })

  it('borrows the button and gives it back, the very same nodes', async () => {
    const { form, button, reaches } = show(place('404'), '<button><b>Send</b> request</button>')
    const nodes = [...button.childNodes]

    button.click()
    await reaches('sending')
    const during = button.textContent
    await reaches('failed')

    expect(during).toBe('Sending…')
    expect(button.childNodes).toHaveLength(2)
    expect(nodes.every((node, at) => node === button.childNodes[at])).toBe(true)
    expect(button.hasAttribute('aria-disabled')).toBe(false)
    expect(form.hasAttribute('aria-busy')).toBe(false)
  })

  it('gives back the label that the page has given the button meanwhile', async () => {
    const { button, reaches } = show(place('404'))
    button.click()
    await reaches('failed')

    button.textContent = 'Anfrage senden'
    button.click()
    await reaches('sending')
    await reaches('failed')

    expect(button.textContent).toBe('Anfrage senden')
  })

  it('says so on an input that is a button', async () => {
    const relay = place('held')
    const { find, reaches, element } = show(relay, '<input type=submit name=go value="Send request">')
    const button = find('[type=submit]') as HTMLInputElement

    button.click()
    await reaches('sending')
    const during = button.value
    await relay.release()
    await reaches('sent')
    element.state = 'idle'
    await reaches('idle')

    expect([during, button.value]).toEqual(['Sending…', 'Send request'])
    expect(fieldsOf((await relay.seen())[0]).go).toBe('Send request')
  })
})

describe('once it has arrived', () => {
  it('shows the page’s own words in place of the form, and goes there', async () => {
    const { form, button, find, inside, visits, reaches } = show(
      place('202:thanks'),
      undefined,
      '',
      '<div slot=sent hidden>Thank you, <b>Zoë</b>.</div>',
    )

    button.click()
    await reaches('sent')

    const status = inside('[role=status]')!
    expect(form.checkVisibility()).toBe(false)
    expect(find('[slot=sent]').checkVisibility()).toBe(true)
    expect(status.contains(inside('slot[name=sent]'))).toBe(true)
    expect(inside(':focus')).toBe(status)
    expect(visits).toEqual([])
  })

  it('else goes to the form’s thanks address, and leaves the form as it is until then', async () => {
    const { form, button, visits, reaches } = show(place('202:thanks'))

    button.click()
    await reaches('sent')

    expect(visits).toEqual(['https://www.acme.example/thanks'])
    expect(form.checkVisibility()).toBe(true)
    expect(button.textContent).toBe('Sent')
  })

  it('is ready for another one when the visitor comes back from there', async () => {
    const relay = place('202:thanks')
    const { button, find, visits, reaches } = show(relay)
    button.click()
    await reaches('sent')

    await userEvent.type(find('input'), '.net')
    await reaches('idle')
    const label = button.textContent
    button.click()
    await reaches('sent')

    expect(label).toBe('Send request')
    expect(visits).toHaveLength(2)
    expect(await relay.seen()).toHaveLength(2)
  })

  it('is not taken for sent when the visitor, back from there, types on while another one is under way', async () => {
    const relay = place('202:thanks+held')
    const { element, button, find, reaches } = show(relay)
    button.click()
    await reaches('sent')
    Object.assign(find('input'), { value: 'by-script@harbour.example' })
    button.click()

    await userEvent.fill(find('input'), 'on@harbour.example')

    expect(element.state).toBe('sending')
    await relay.release()
    await reaches('sent')
  })

  it('else says thank you itself', async () => {
    const { form, button, inside, reaches } = show(place('202'))

    button.click()
    await reaches('sent')

    expect(form.checkVisibility()).toBe(false)
    expect(inside('[role=status]')!.textContent).toBe('Thank you. Your form has been sent.')
    expect(inside(':focus')).toBe(inside('[role=status]'))
  })

  it('does not take the focus from a visitor who has gone on elsewhere', async () => {
    const relay = place('held')
    const { button, reaches } = show(relay)
    document.body.insertAdjacentHTML('beforeend', '<input id=search aria-label=Search>')

    button.click()
    document.querySelector<HTMLElement>('#search')!.focus()
    await relay.release()
    await reaches('sent')

    expect(document.activeElement!.id).toBe('search')
  })
})

describe('when it could not be sent', () => {
  it('says so, keeps what was typed, and tries again on demand', async () => {
    const relay = place('404+202')
    const { button, find, inside, reaches } = show(relay)
    await userEvent.fill(find('input'), 'typed@harbour.example')
    button.click()
    await reaches('failed')

    const alert = inside('[part=failed]')!.closest('[role=alert]')
    expect(alert!.textContent).toContain('Your form could not be sent.')
    expect((find('input') as HTMLInputElement).value).toBe('typed@harbour.example')
    expect(button.textContent).toBe('Send request')

    inside('[part=retry]')!.click()
    expect(document.activeElement).toBe(button)
    await reaches('sent')
    expect(inside('[part=failed]')).toBeNull()
    expect((await relay.seen()).map((request) => fieldsOf(request).Email)).toEqual(
      Array(2).fill('typed@harbour.example'),
    )
  })

  it('is the same filled-in form, whichever of its buttons is pressed next', async () => {
    const relay = place('404+202')
    const { element, reaches } = show(
      relay,
      '<input name=Email value=a@b.example><button name=go value=1>One</button><button name=go value=2>Two</button>',
    )
    const [one, two] = element.querySelectorAll('button')

    one!.click()
    await reaches('failed')
    two!.click()
    await reaches('sent')

    const [first, second] = (await relay.seen()).map(fieldsOf)
    expect(second!._id).toBe(first!._id)
    expect([first!.go, second!.go]).toEqual(['1', '2'])
  })

  it('says it in the page’s own words', async () => {
    const { button, find, inside, reaches } = show(
      place('404'),
      undefined,
      '',
      '<p slot=failed hidden>Call us: 040 1234</p>',
    )

    button.click()
    await reaches('failed')

    expect(find('[slot=failed]').checkVisibility()).toBe(true)
    expect(inside('[part=failed] [part=message]')!.checkVisibility()).toBe(false)
    expect(inside('[part=retry]')).not.toBeNull()
  })

  it('speaks another language when it is given the words', async () => {
    const { element, button, inside, reaches } = show(place('404'))
    element.messages = { retry: 'Noch einmal', failed: 'Das ging nicht.' }

    button.click()
    await reaches('failed')

    expect(inside('[part=failed]')!.textContent).toBe('Das ging nicht.Noch einmal')
  })

  it('tries again by the keyboard when no button was pressed', async () => {
    const relay = place('404+202')
    const { form, inside, reaches } = show(relay)
    form.requestSubmit()
    await reaches('failed')

    inside('[part=retry]')!.focus()
    await userEvent.keyboard('{Enter}')
    await reaches('sent')

    expect(await relay.seen()).toHaveLength(2)
  })
})

describe('what the page hears', () => {
  it('before anything is sent: it may change the fields', async () => {
    const relay = place('202')
    const { button, reaches } = show(relay)
    const heard = next(document.body, 'form-sync-sending')

    document.body.addEventListener('form-sync-sending', ({ data }) => data.set('score', '7'), { once: true })
    button.click()
    await reaches('sent')

    const { data } = await heard
    const arrived = fieldsOf((await relay.seen())[0])
    expect(arrived).toEqual(Object.fromEntries(data))
    expect(arrived).toMatchObject({ Email: 'zoe@harbour.example', score: '7', _id: expect.stringMatching(UUID) })
  })

  it('before anything is sent: it may refuse', async () => {
    const relay = place('202')
    const { element, form, button } = show(relay)
    const submitted = new Promise<SubmitEvent>((done) => addEventListener('submit', done, { once: true }))
    element.addEventListener('form-sync-sending', (event: FormSyncSendingEvent) => event.preventDefault(), {
      once: true,
    })

    button.click()

    expect((await submitted).defaultPrevented).toBe(true)
    expect(element.state).toBe('idle')
    expect(form.hasAttribute('aria-busy')).toBe(false)
    expect(await relay.seen()).toHaveLength(0)
  })

  it('that it was sent, with its id', async () => {
    const relay = place('202')
    const { button } = show(relay)
    const sent = next(document.body, 'form-sync-sent')

    button.click()

    const { id, composed } = await sent
    expect(id).toBe(fieldsOf((await relay.seen())[0])._id)
    expect(composed).toBe(true)
  })

  it.each([
    ['no answer', 'drop', 'network', undefined],
    ['a relay that is away', '503', 'unavailable', 'unavailable'],
    ['a refusal', '403', 'refused', 'origin'],
    ['fields to correct', '422:Email', 'fields', 'fields'],
  ])('that it failed: %s', async (_, answers, reason, code) => {
    const relay = place(answers)
    const { button } = show(relay)
    const failed = next(document.body, 'form-sync-failed')

    button.click()

    const event = await failed
    expect([event.reason, event.problem?.code]).toEqual([reason, code])
    expect(event.id).toBe(fieldsOf((await relay.seen())[0])._id)
  })
})

describe('the page comes first', () => {
  it('is not asked again where its own script has taken the submit', async () => {
    const relay = place('202')
    const { element, form, button } = show(relay)
    form.addEventListener('submit', (event) => event.preventDefault())

    button.click()

    expect(element.state).toBe('idle')
    expect(await relay.seen()).toHaveLength(0)
  })

  it('has the browser check the fields', async () => {
    const relay = place('202')
    const { element, button } = show(relay, '<input type=email name=Email value=nonsense><button>Send</button>')

    button.click()

    expect(element.state).toBe('idle')
    expect(await relay.seen()).toHaveLength(0)
  })

  it('has the browser submit when something of ours breaks', async () => {
    const { element, button } = show(place('202'))
    const submitted = new Promise<boolean>((done) => {
      const look = (event: Event): void => {
        done(event.defaultPrevented)
        event.preventDefault() // The test's own page stays.
      }
      addEventListener('submit', look, { once: true })
    })
    const ignore = (event: Event): void => {
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    addEventListener('error', ignore, { capture: true, once: true })
    const id = (): string => {
      throw new Error('an odd page')
    }
    element.world = { ...element.world, id }

    button.click()

    expect(await submitted).toBe(false)
    expect(element.state).toBe('idle')
  })
})

describe('in a page that changes', () => {
  it('takes a form that was swapped in later', async () => {
    const relay = place('202')
    const { element, reaches } = show(place('404'))

    element.innerHTML = `<form method=post action="${relay.action}"><input name=Email value=new@b.example><button>Send</button></form>`
    element.querySelector('button')!.click()
    await reaches('sent')

    expect(fieldsOf((await relay.seen())[0]).Email).toBe('new@b.example')
  })

  it('does not let the old form’s answer decide about the new one', async () => {
    const [old, young] = [place('held'), place('held')]
    const { element, button, reaches } = show(old)
    button.click()
    await reaches('sending')
    element.innerHTML = `<form method=post action="${young.action}"><input name=Email value=new@b.example><button>Send</button></form>`
    element.querySelector('button')!.click()

    const sent = next(element, 'form-sync-sent')
    await old.release()
    await sent

    expect(element.state).toBe('sending')
    await young.release()
    await reaches('sent')
  })

  it('shows a new form when the old one’s answer comes', async () => {
    const relay = place('held')
    const { element, button, reaches } = show(relay)
    button.click()
    await reaches('sending')

    element.innerHTML = '<form method=post action=/x><input name=a></form>'
    await relay.release()
    await reaches('idle')

    expect(element.querySelector('form')!.checkVisibility()).toBe(true)
  })

  it('lets the request live on when it is taken off the page, and goes nowhere', async () => {
    const relay = place('held:thanks')
    const { element, button, visits, reaches } = show(relay)
    button.click()
    await reaches('sending')

    element.remove()
    const sent = next(element, 'form-sync-sent')
    await relay.release()
    await sent
    document.body.append(element)
    await element.updateComplete

    expect(visits).toEqual([])
    expect(element.state).toBe('sent')
  })

  it('takes nothing once it is off the page', () => {
    const { element, form } = show(place('202'))
    const submit = new SubmitEvent('submit', { bubbles: true, cancelable: true })

    element.remove()
    form.dispatchEvent(submit)

    expect(submit.defaultPrevented).toBe(false)
  })

  it('sends once after it was moved', async () => {
    const relay = place('202')
    const { element, button, reaches } = show(relay)

    element.remove()
    document.body.append(element)
    button.click()
    await reaches('sent')

    expect(await relay.seen()).toHaveLength(1)
  })

  it('keeps two forms on a page apart', async () => {
    const [left, right] = [place('202'), place('422:Email')]
    document.body.innerHTML = [left, right]
      .map(
        ({ action }) =>
          `<section><form-sync><form method=post action="${action}"><input name=Email><button>Send</button></form></form-sync></section>`,
      )
      .join('')
    const [one, two] = [...document.querySelectorAll('section')].map(scene)

    two!.button.click()
    await two!.reaches('failed')
    one!.button.click()
    await one!.reaches('sent')

    expect(two!.element.state).toBe('failed')
    expect(await left.seen()).toHaveLength(1)
    expect(await right.seen()).toHaveLength(1)
  })
})
