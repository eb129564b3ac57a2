import { describe, expect, it } from 'vitest'
import { userEvent } from 'vitest/browser'
import { fakeRelay, type RenderedForm, renderForm } from '../../support/widget-page.ts'

const FIELDS = `
  <label for=first>First name</label><input id=first name=first>
  <label for=email>E-mail</label><input id=email name=Email aria-describedby="hint">
  <small id=hint>We answer there.</small>
  <fieldset><legend>Topics</legend>
    <label><input type=checkbox name=topics value=tides> Tides</label>
    <label><input type=checkbox name=topics value=currents> Currents</label>
    <p>More follow next year.</p>
  </fieldset>
  <input type=checkbox id=agree name=agree><label for=agree>Call me back</label>
  <label>Fleet <select name=fleet><option>small<option>large</select></label>
  <input type=hidden name=campaign value=x>
  <button>Send</button>`

/** Sends the form to a relay that rejects the fields. */
async function sendInvalid(...fields: string[]): Promise<RenderedForm> {
  const rendered = renderForm(fakeRelay(`422:${fields.join(',')}+202`), FIELDS)
  rendered.button.click()
  await rendered.waitForState('failed')
  return rendered
}

const messageOf = (field: Element): Element =>
  document.getElementById(field.getAttribute('aria-describedby')!.split(' ').at(-1)!)!

describe('a field error', () => {
  it('is marked and described on its field, which keeps the description of the page', async () => {
    const { find } = await sendInvalid('Email')

    const field = find('#email')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(field.getAttribute('aria-describedby')).toMatch(/^hint form-sync-\d+-error$/)
    expect(messageOf(field).textContent).toBe('Fill in Email')
    expect(field.nextElementSibling).toBe(messageOf(field))
  })

  it.each([
    ['at the end of the fieldset of a group', 'topics', '[name=topics]', 'fieldset > :last-child'],
    ['after the label that follows a box', 'agree', '#agree', '#agree + label + p'],
    ['after the label that surrounds a field', 'fleet', 'select', 'label:has(select) + p'],
  ])('is placed %s', async (_, name, field, place) => {
    const { find } = await sendInvalid(name)

    expect(find(place)).toBe(messageOf(find(field)))
  })

  it('marks every control of a group and has one message', async () => {
    const { element } = await sendInvalid('topics')

    const boxes = [...element.querySelectorAll('[name=topics]')]
    expect(boxes.map((box) => box.getAttribute('aria-invalid'))).toEqual(['true', 'true'])
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(1)
  })

  it('moves the focus to the first invalid field of the form, in any order of the response', async () => {
    const { find } = await sendInvalid('agree', 'Email', 'topics')

    expect(document.activeElement).toBe(find('#email'))
  })

  it('is removed when its field is corrected, and the others stay', async () => {
    const { element, find, findInShadow } = await sendInvalid('first', 'Email')

    await userEvent.fill(find('#first'), 'Zoë')

    expect(find('#first').hasAttribute('aria-invalid')).toBe(false)
    expect(find('#first').hasAttribute('aria-describedby')).toBe(false)
    expect(findInShadow('[part=summary] ul')!.textContent).toBe('Fill in Email')

    await userEvent.fill(find('#email'), 'zoe@harbour.example')

    await element.updateComplete
    expect(find('#email').getAttribute('aria-describedby')).toBe('hint')
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
    expect(findInShadow('[part=summary]')).toBeNull()
    expect(element.state).toBe('idle')
  })

  it('of a group is removed when any of its boxes changes', async () => {
    const { element, find } = await sendInvalid('topics', 'Email')

    await userEvent.click(find('[value=currents]'))

    expect(element.querySelectorAll('fieldset [aria-invalid], fieldset .form-sync-error')).toHaveLength(0)
    expect(find('#email').getAttribute('aria-invalid')).toBe('true')
  })

  it('is removed on a change event without an input event', async () => {
    const { element, find } = await sendInvalid('fleet')

    find('select').dispatchEvent(new Event('change', { bubbles: true }))

    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
  })

  it('is removed when the form is sent again', async () => {
    const { element, find, button, waitForState } = await sendInvalid('Email')

    button.click()
    await waitForState('sent')

    expect(element.querySelectorAll('.form-sync-error, [aria-invalid]')).toHaveLength(0)
    expect(find('#email').getAttribute('aria-describedby')).toBe('hint')
  })
})

describe('a control that the browser cannot show', () => {
  const HIDDEN = `<label>Country <select name=country required style="display:none"><option value="">Choose<option>Norway</select></label>
    <div tabindex=0>Choose…</div><button>Send</button>`

  it('is named by the summary, which takes the focus, when it is invalid', async () => {
    const relay = fakeRelay('202')
    const { element, button, find, findInShadow, waitForState } = renderForm(relay, HIDDEN)

    await userEvent.click(button)
    await waitForState('failed')
    await userEvent.click(button)
    await element.updateComplete

    const { validationMessage } = find('select') as HTMLSelectElement
    expect(findInShadow('[part=summary] ul')!.textContent).toBe(`Country: ${validationMessage}`)
    expect(findInShadow('[part=summary] a')).toBeNull()
    expect(findInShadow(':focus')!.getAttribute('role')).toBe('alert')
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(1)
    expect(await relay.requests()).toEqual([])
  })

  it('does not get the focus from the browser where a custom select lies over it', async () => {
    // Tom Select and Choices.js leave a select of a pixel's size on the page.
    const covered = HIDDEN.replace(
      'style="display:none"',
      'tabindex=-1 style="position:absolute; width:1px; height:1px"',
    )
    const { button, findInShadow, waitForState } = renderForm(fakeRelay('202'), covered)

    await userEvent.click(button)
    await waitForState('failed')
    await new Promise((done) => requestAnimationFrame(done))

    expect(findInShadow(':focus')?.getAttribute('role')).toBe('alert')
  })

  it('can be corrected and sent', async () => {
    const relay = fakeRelay('202')
    const { button, find, waitForState } = renderForm(relay, HIDDEN)
    await userEvent.click(button)
    await waitForState('failed')

    Object.assign(find('select'), { value: 'Norway' })
    find('select').dispatchEvent(new Event('change', { bubbles: true }))
    await waitForState('idle')
    await userEvent.click(button)
    await waitForState('sent')

    expect(await relay.requests()).toHaveLength(1)
  })

  it('leaves the focus to the summary when the relay finds it invalid', async () => {
    const { button, findInShadow, waitForState } = renderForm(fakeRelay('422:country'), HIDDEN.replace('required', ''))

    await userEvent.click(button)
    await waitForState('failed')

    expect(findInShadow(':focus')!.getAttribute('role')).toBe('alert')
  })
})

describe('the error summary', () => {
  it('is an alert with a link to each field, in the order of the form', async () => {
    const { find, findInShadow } = await sendInvalid('agree', 'Email')

    const summary = findInShadow('[part=summary]')!
    expect(summary.closest('[role=alert]')).not.toBeNull()
    expect(summary.textContent).toBe('There is a problemFill in EmailFill in agree')

    const link = summary.querySelectorAll('a')[1]!
    expect(link.getAttribute('href')).toBe('#agree')
    link.click()
    expect(document.activeElement).toBe(find('#agree'))
    expect(location.hash).toBe('')
  })

  it.each([
    ['a field that the form does not have', 'budget'],
    ['a hidden field', 'campaign'],
  ])('lists an error of %s without a link, and takes the focus if it has no other errors', async (_, name) => {
    const { element, findInShadow } = await sendInvalid(name)

    expect(findInShadow('[part=summary] li')!.textContent).toBe(`Fill in ${name}`)
    expect(findInShadow('[part=summary] a')).toBeNull()
    expect(findInShadow(':focus')!.getAttribute('role')).toBe('alert')
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
  })

  it('has no retry button', async () => {
    const { findInShadow } = await sendInvalid('Email')

    expect(findInShadow('[part=retry]')).toBeNull()
  })
})
