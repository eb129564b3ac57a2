import { describe, expect, it } from 'vitest'
import { userEvent } from 'vitest/browser'
import { place, type Scene, show } from '../../support/widget-page.ts'

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

/** The form after the relay has refused those fields. */
async function refused(...fields: string[]): Promise<Scene> {
  const shown = show(place(`422:${fields.join(',')}+202`), FIELDS)
  shown.button.click()
  await shown.reaches('failed')
  return shown
}

const messageOf = (field: Element): Element =>
  document.getElementById(field.getAttribute('aria-describedby')!.split(' ').at(-1)!)!

describe('a field error', () => {
  it('stands on its field and leaves the page’s own description there', async () => {
    const { find } = await refused('Email')

    const field = find('#email')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(field.getAttribute('aria-describedby')).toMatch(/^hint form-sync-\d+-error$/)
    expect(messageOf(field).textContent).toBe('Fill in Email')
    expect(field.nextElementSibling).toBe(messageOf(field))
  })

  it.each([
    ['a group at the end of its fieldset', 'topics', '[name=topics]', 'fieldset > :last-child'],
    ['a box after the label behind it', 'agree', '#agree', '#agree + label + p'],
    ['a field after the label around it', 'fleet', 'select', 'label:has(select) + p'],
  ])('of %s', async (_, name, field, where) => {
    const { find } = await refused(name)

    expect(find(where)).toBe(messageOf(find(field)))
  })

  it('stands on every box of a group', async () => {
    const { element } = await refused('topics')

    const boxes = [...element.querySelectorAll('[name=topics]')]
    expect(boxes.map((box) => box.getAttribute('aria-invalid'))).toEqual(['true', 'true'])
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(1)
  })

  it('takes the focus to the first bad field of the form, whatever the order of the answer', async () => {
    const { find } = await refused('agree', 'Email', 'topics')

    expect(document.activeElement).toBe(find('#email'))
  })

  it('goes away when its field is corrected, and nothing else does', async () => {
    const { element, find, inside } = await refused('first', 'Email')

    await userEvent.fill(find('#first'), 'Zoë')

    expect(find('#first').hasAttribute('aria-invalid')).toBe(false)
    expect(find('#first').hasAttribute('aria-describedby')).toBe(false)
    expect(inside('[part=summary] ul')!.textContent).toBe('Fill in Email')

    await userEvent.fill(find('#email'), 'zoe@harbour.example')

    await element.updateComplete
    expect(find('#email').getAttribute('aria-describedby')).toBe('hint')
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
    expect(inside('[part=summary]')).toBeNull()
    expect(element.state).toBe('idle')
  })

  it('of a group goes away with any of its boxes', async () => {
    const { element, find } = await refused('topics', 'Email')

    await userEvent.click(find('[value=currents]'))

    expect(element.querySelectorAll('fieldset [aria-invalid], fieldset .form-sync-error')).toHaveLength(0)
    expect(find('#email').getAttribute('aria-invalid')).toBe('true')
  })

  it('goes away with a change that no typing told of', async () => {
    const { element, find } = await refused('fleet')

    find('select').dispatchEvent(new Event('change', { bubbles: true }))

    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
  })

  it('goes away when the form is sent again', async () => {
    const { element, find, button, reaches } = await refused('Email')

    button.click()
    await reaches('sent')

    expect(element.querySelectorAll('.form-sync-error, [aria-invalid]')).toHaveLength(0)
    expect(find('#email').getAttribute('aria-describedby')).toBe('hint')
  })
})

describe('the summary', () => {
  it('is an alert that lists all of them in the form’s order, each leading to its field', async () => {
    const { find, inside } = await refused('agree', 'Email')

    const summary = inside('[part=summary]')!
    expect(summary.closest('[role=alert]')).not.toBeNull()
    expect(summary.textContent).toBe('There is a problemFill in EmailFill in agree')

    const link = summary.querySelectorAll('a')[1]!
    expect(link.getAttribute('href')).toBe('#agree')
    link.click()
    expect(document.activeElement).toBe(find('#agree'))
    expect(location.hash).toBe('')
  })

  it.each([
    ['that the form does not have', 'budget'],
    ['that nobody can see', 'campaign'],
  ])('tells of a field %s, and takes the focus when that is all', async (_, name) => {
    const { element, inside } = await refused(name)

    expect(inside('[part=summary] li')!.textContent).toBe(`Fill in ${name}`)
    expect(inside('[part=summary] a')).toBeNull()
    expect(inside(':focus')!.getAttribute('role')).toBe('alert')
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(0)
  })

  it('offers no second try: the fields are to be corrected first', async () => {
    const { inside } = await refused('Email')

    expect(inside('[part=retry]')).toBeNull()
  })
})
