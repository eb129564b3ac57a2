/** Messages at the places that the page has for them. */
import { describe, expect, it } from 'vitest'
import { userEvent } from 'vitest/browser'
import { fakeRelay, renderForm } from '../../support/widget-page.ts'

const EMAIL = '<input name=Email value=a@b.example><button>Send</button>'

describe('the place of the page', () => {
  it('for the errors of a field has the text while the field is to be corrected, and gets back its own', async () => {
    const { element, find, waitForState } = renderForm(
      fakeRelay('422:Email'),
      EMAIL,
      '',
      '<p data-form-sync-error=Email hidden>As on your badge</p>',
    )
    const place = find('[data-form-sync-error]')

    await element.submit()
    await waitForState('failed')
    const during = [place.textContent, place.checkVisibility(), find('input').getAttribute('aria-describedby')]
    await userEvent.type(find('input'), 'x')

    expect(during).toEqual(['Fill in Email', true, place.id])
    expect(place.id).not.toBe('')
    expect([place.textContent, place.hidden]).toEqual(['As on your badge', true])
    expect(element.querySelector('.form-sync-error')).toBeNull()
  })

  it('for errors may be that of a field without a visible control', async () => {
    const { element, find } = renderForm(
      fakeRelay('422:plan'),
      `<input type=hidden name=plan><p data-form-sync-error=plan></p>${EMAIL}`,
    )

    await element.submit()

    expect(find('[data-form-sync-error]').textContent).toBe('Fill in plan')
  })

  it('for the status tells it, and the widget does not tell it twice', async () => {
    const relay = fakeRelay('held')
    const { element, button, find, findInShadow, waitForState } = renderForm(
      relay,
      EMAIL,
      '',
      '<p data-form-sync-status></p>',
    )
    const place = find('[data-form-sync-status]')
    await element.ready
    const role = place.getAttribute('role')

    button.click()
    await waitForState('sending')
    const during = [place.textContent, findInShadow('[role=status]')!.textContent]
    await relay.release()
    await waitForState('sent')

    expect(role).toBe('status')
    expect(during).toEqual(['Sending…', ''])
  })

  it('for the thanks replaces the form alone, takes the focus, and keeps the page from leaving', async () => {
    const { element, find, form, navigations, findInShadow, waitForState } = renderForm(
      fakeRelay('202:thanks'),
      EMAIL,
      '',
      '<h2>Contact</h2><div data-form-sync-sent>Thanks!</div>',
    )
    const place = find('[data-form-sync-sent]')
    await element.ready
    const before = place.checkVisibility()

    await userEvent.click(find('button'))
    await waitForState('sent')

    expect(before).toBe(false)
    expect(place.checkVisibility()).toBe(true)
    expect(find('h2').checkVisibility()).toBe(true)
    expect(form.checkVisibility()).toBe(false)
    expect(document.activeElement).toBe(place)
    expect(findInShadow('[part=thanks]')).toBeNull()
    expect(navigations).toEqual([])
  })

  it('for the thanks is hidden again when the form is shown again', async () => {
    const { element, find, form } = renderForm(fakeRelay('202'), EMAIL, '', '<div data-form-sync-sent>Thanks!</div>')
    await element.submit()
    await element.updateComplete

    element.reset()
    await element.updateComplete

    expect(find('[data-form-sync-sent]').checkVisibility()).toBe(false)
    expect(form.checkVisibility()).toBe(true)
  })

  it('for "Try again" has a button of its own, which sends the form again', async () => {
    const relay = fakeRelay('404+202')
    const { element, find, findInShadow, waitForState } = renderForm(
      relay,
      EMAIL,
      '',
      '<button slot=retry class="btn btn-primary" type=button hidden>Once more</button>',
    )
    await element.ready
    const before = find('[slot=retry]').checkVisibility()
    await element.submit()
    await waitForState('failed')
    const shown = [find('[slot=retry]'), findInShadow('[part=retry]')!].map((each) => each.checkVisibility())

    await userEvent.click(find('[slot=retry]'))
    await waitForState('sent')

    expect(before).toBe(false)
    expect(shown).toEqual([true, false])
    expect(await relay.requests()).toHaveLength(2)
  })
})

describe('the focus goes to the summary', () => {
  it.each([
    ['is not reached by Tab, as the select of Select2', '<select name=Country tabindex=-1><option>DE</select>'],
    ['is not shown, as that of Choices.js', '<select name=Country hidden><option>DE</select>'],
    ['refuses it', '<fieldset disabled><input name=Country></fieldset>'],
  ])('when a field to correct %s', async (_, field) => {
    const { button, findInShadow, waitForState } = renderForm(fakeRelay('422:Country'), `${field}${EMAIL}`)

    button.focus()
    button.click()
    await waitForState('failed')

    expect(findInShadow('[tabindex]:focus')?.textContent).toContain('Fill in Country')
  })
})
