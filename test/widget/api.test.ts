/** What a page's own scripts do with the element: fields, sending, texts, and calls before it is loaded. */
import { describe, expect, it } from 'vitest'
import { FormSyncFailedEvent, FormSyncSentEvent } from '../../widget/events.ts'
import type { FormSync } from '../../widget/form-sync.ts'
import { fakeRelay, fieldsOf, nextEvent, renderForm } from '../support/widget-page.ts'

const CONTROLS = `<input name=Email value=zoe@harbour.example><textarea name=Note></textarea>
  <select name=Country><option>DE<option>FR</select>
  <select name=Topic multiple><option>a<option>b<option>c</select>
  <input type=radio name=Size value=s checked><input type=radio name=Size value=m>
  <input type=checkbox name=Ok><input type=checkbox name=Days value=mo><input type=checkbox name=Days value=tu>
  <input name=Phone><input name=Phone>
  <input type=password name=Pin value=secret><input type=file name=Cv>
  <button>Send</button>`

/** Values of all of `CONTROLS` that may be sent. */
const VALUES = {
  Email: 'ana@acme.example',
  Note: 'One\nTwo',
  Country: 'FR',
  Topic: ['a', 'c'],
  Size: 'm',
  Ok: 'on',
  Days: ['mo', 'tu'],
  Phone: ['1', '2'],
}

describe('values() and set()', () => {
  it('return and fill in what the form holds and may be sent', () => {
    const { element } = renderForm(fakeRelay('202'), CONTROLS)

    const before = element.values()
    element.set(VALUES)

    expect(before).toEqual({ Email: 'zoe@harbour.example', Note: '', Country: 'DE', Size: 's', Phone: ['', ''] })
    expect(element.values()).toEqual(VALUES)
  })

  it('set what they returned before', () => {
    const { element } = renderForm(fakeRelay('202'), CONTROLS)

    const before = element.values()
    element.set(VALUES)
    element.set({ ...before, Topic: [], Ok: [], Days: [] })

    expect(element.values()).toEqual(before)
  })

  it('leave fields alone that are not named, and dispatch the events of a visitor', () => {
    const { element, find } = renderForm(fakeRelay('202'), CONTROLS)
    const events: string[] = []
    for (const type of ['input', 'change']) {
      element.addEventListener(type, ({ target }) => events.push(`${type} ${(target as HTMLInputElement).name}`))
    }

    element.set({ Note: 'x', Ok: 'on', Missing: 'y' })

    expect(events.toSorted()).toEqual(['change Note', 'change Ok', 'input Note', 'input Ok'])
    expect((find('[name=Email]') as HTMLInputElement).value).toBe('zoe@harbour.example')
  })

  it('write past a property that a framework has put on the input', () => {
    const { element, find } = renderForm(fakeRelay('202'), CONTROLS)
    const input = find('[name=Email]') as HTMLInputElement
    const tracked: string[] = []
    // As React does to tell its own changes from those of visitors.
    Object.defineProperty(input, 'value', {
      set(value: string) {
        tracked.push(value)
      },
      configurable: true,
    })

    element.set({ Email: 'ana@acme.example' })

    expect(tracked).toEqual([])
    expect(new FormData(element.form!).get('Email')).toBe('ana@acme.example')
  })

  it('have no effect on an element without a form', () => {
    const element = document.createElement('form-sync')

    element.set({ Email: 'ana@acme.example' })

    expect(element.values()).toEqual({})
  })
})

describe('submit()', () => {
  it('sends the form and returns the event of success', async () => {
    const relay = fakeRelay('202')
    const { element } = renderForm(relay)

    const event = await element.submit()

    const [request] = await relay.requests()
    expect(event).toBeInstanceOf(FormSyncSentEvent)
    expect((event as FormSyncSentEvent).id).toBe(fieldsOf(request)._id)
  })

  it('returns the event of a failure', async () => {
    const { element } = renderForm(fakeRelay('404'))

    const event = await element.submit()

    expect(event).toBeInstanceOf(FormSyncFailedEvent)
    expect((event as FormSyncFailedEvent).reason).toBe('refused')
  })

  it.each([
    ['a field is not valid', '<input name=Email required><button>Send</button>', () => {}],
    [
      'the page prevents it',
      undefined,
      (element: FormSync) => element.addEventListener('form-sync-sending', (event) => event.preventDefault()),
    ],
    ['the form is gone', undefined, (element: FormSync) => element.form!.remove()],
  ])('returns nothing when %s', async (_, fields, prepare) => {
    const relay = fakeRelay('202')
    const { element } = renderForm(relay, fields)
    prepare(element)

    expect(await element.submit()).toBeUndefined()
    expect(await relay.requests()).toEqual([])
  })
})

describe('reset()', () => {
  it('shows the form again after it was sent, with its first values and for another lead', async () => {
    const relay = fakeRelay('202')
    const { element, form, find } = renderForm(relay)
    const input = find('input') as HTMLInputElement
    input.value = 'ana@acme.example'
    await element.submit()
    await element.updateComplete

    element.reset()
    await element.updateComplete
    const isVisible = form.checkVisibility()
    await element.submit()

    const [first, second] = (await relay.requests()).map(fieldsOf)
    expect(isVisible).toBe(true)
    expect([first!.Email, second!.Email]).toEqual(['ana@acme.example', 'zoe@harbour.example'])
    expect(second!._id).not.toBe(first!._id)
  })

  it('takes messages at fields away, also in a form with a field of that name', async () => {
    const { element, findInShadow } = renderForm(
      fakeRelay('422:Email'),
      '<input name=Email><input name=reset><button>Send</button>',
    )
    await element.submit()
    await element.updateComplete
    const before = element.querySelectorAll('.form-sync-error').length

    element.reset()
    await element.updateComplete

    expect(before).toBe(1)
    expect(element.querySelector('.form-sync-error')).toBeNull()
    expect(findInShadow('[part=summary]')).toBeNull()
    expect(element.state).toBe('idle')
  })

  it('lets an answer that comes later change nothing', async () => {
    const relay = fakeRelay('held')
    const { element, button, form } = renderForm(relay)
    button.click()

    element.reset()
    const sent = nextEvent(element, 'form-sync-sent')
    await relay.release()
    await sent
    await element.updateComplete

    expect(element.state).toBe('idle')
    expect(form.checkVisibility()).toBe(true)
  })
})

it('ready resolves with the element when it has rendered', async () => {
  const { element } = renderForm(fakeRelay('202'))

  expect(await element.ready).toBe(element)
  expect(element.hasUpdated).toBe(true)
  expect(element.getAttribute('state')).toBe('idle')
})

it('texts come from attributes, and those of the property "messages" before them', async () => {
  const { element, findInShadow, waitForState } = renderForm(
    fakeRelay('404'),
    undefined,
    'message-failed="Das ging nicht." message-retry="Noch einmal"',
  )
  element.messages = { retry: 'Nochmals' }

  await element.submit()
  await waitForState('failed')

  expect(findInShadow('[part=message]')!.textContent).toBe('Das ging nicht.')
  expect(findInShadow('[part=retry]')!.textContent).toBe('Nochmals')
})

describe('calls that a page has queued', () => {
  it('run when the element is registered, later ones too, and the error of one does not keep back the others', async () => {
    const calls: string[] = []
    const errors: string[] = []
    const report = (event: ErrorEvent): void => {
      errors.push(event.message)
      event.preventDefault()
    }
    addEventListener('error', report)
    const failing = (): void => {
      throw new Error('no luck')
    }

    window.formSync = [failing, () => calls.push('early')]
    const again = '../../widget/index.ts?calls'
    await import(/* @vite-ignore */ again)
    await new Promise<void>((done) => window.formSync!.push(() => calls.push('late'), done))
    removeEventListener('error', report)

    expect(calls).toEqual(['early', 'late'])
    expect(errors).toEqual([expect.stringContaining('no luck')])
  })
})
