/** Tests the form of the demo site in a browser: labels, targets, autofill, and agreement with the forms file. */
import type { Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import { demoForms } from '../../../demo/forms.ts'
import { open, RELAY, SLOW, useChromium } from './open.ts'

useChromium()

describe('the form of the demo site', () => {
  it('has the fields of the forms file, with the same labels, lengths and options', SLOW, async () => {
    await using opened = await open('/pilot')

    const fields = await readForm(opened.page)

    expect(fields).toEqual(
      Object.fromEntries(
        Object.entries(demoForms(opened.home).forms.contact.fields).map(([name, field]) => [
          name,
          {
            label: field.label,
            type: field.type,
            required: 'required' in field,
            ...('maxLength' in field && { maxLength: field.maxLength }),
            ...('options' in field && { options: field.options }),
            ...('multiple' in field && { multiple: field.multiple }),
          },
        ]),
      ),
    )
  })

  it('has a visible label for every control, and targets of at least 44 px', SLOW, async () => {
    await using opened = await open('/pilot', { viewport: { width: 320, height: 640 } })

    const controls = await opened.page.locator('form').evaluate((form) =>
      [...(form as HTMLFormElement).elements]
        .filter((element) => element.matches('input, select, textarea, button'))
        .map((element) => {
          const control = element as HTMLInputElement
          const target = control.type === 'checkbox' ? control.labels![0]! : control
          const label = control.type === 'submit' ? control : control.labels?.[0]
          return {
            control: control.id || control.type,
            labelled: !!label?.checkVisibility() && label.textContent.trim() !== '',
            high: target.getBoundingClientRect().height >= 44,
          }
        }),
    )

    expect(controls).toHaveLength(13)
    expect(controls.filter(({ labelled, high }) => !labelled || !high)).toEqual([])
  })

  it.each([
    ['FirstName', 'given-name'],
    ['LastName', 'family-name'],
    ['Email', 'email'],
    ['Phone', 'tel'],
    ['Company', 'organization'],
  ])('lets the browser fill in %s automatically', SLOW, async (name, token) => {
    await using opened = await open('/pilot')

    expect(await opened.page.locator(`[name=${name}]`).getAttribute('autocomplete')).toBe(token)
  })

  it('is posted to the relay without JavaScript, and the relay may redirect to the thanks page', SLOW, async () => {
    await using opened = await open('/pilot', { javaScriptEnabled: false })
    const { page } = opened
    const bodies: string[] = []
    await page.context().route(`${RELAY}/f/contact`, (route) => {
      bodies.push(route.request().postData() ?? '')
      return route.fulfill({ status: 303, headers: { location: `${opened.home}/thanks` } })
    })

    await page.getByLabel('Last name').fill('Söhne & Co')
    await page.getByLabel('E-mail address').fill('ana@acme.example')
    await page.getByLabel('Berths in the pilot').selectOption('More than 30')
    await page.getByLabel('Tides').check()
    await page.getByLabel('Clearance under the keel').check()
    await page.getByRole('button', { name: 'Request a pilot' }).click()
    await page.waitForURL('**/thanks')

    const sent = new URLSearchParams(bodies[0])
    expect(bodies).toHaveLength(1)
    expect(sent.get('LastName')).toBe('Söhne & Co')
    expect(sent.get('Email')).toBe('ana@acme.example')
    expect(sent.get('PilotSize')).toBe('30+')
    expect(sent.getAll('Topics')).toEqual(['tides', 'under-keel'])
    expect(sent.get('Harbour')).toBe('')
  })
})

/** Reads each field of the markup in the format of a forms file. */
async function readForm(page: Page): Promise<Record<string, unknown>> {
  return page.locator('form').evaluate((form) => {
    const controls = [...(form as HTMLFormElement).elements].filter(
      (element): element is HTMLInputElement => 'name' in element && element.name !== '',
    )
    const names = [...new Set(controls.map(({ name }) => name))]
    return Object.fromEntries(
      names.map((name) => {
        const named = controls.filter((control) => control.name === name)
        const [first] = named as [HTMLInputElement]
        const select = first instanceof HTMLSelectElement ? first : undefined
        const options = select ? [...select.options] : named.filter(({ type }) => type === 'checkbox')
        const group = first.closest('fieldset')?.querySelector('legend')
        const labelling = first.type === 'checkbox' ? group : first.labels?.[0]
        return [
          name,
          {
            label: labelling?.textContent.trim(),
            type: options.length > 0 ? 'choice' : first.type,
            required: first.required,
            ...(first.maxLength > 0 && { maxLength: first.maxLength }),
            ...(options.length > 0 && { options: options.map(({ value }) => value).filter((value) => value !== '') }),
            ...(named.length > 1 && { multiple: true }),
          },
        ]
      }),
    )
  })
}
