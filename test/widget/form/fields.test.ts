/** What the widget posts, held against what the browser posts by itself. */
import { describe, expect, it } from 'vitest'
import { fieldsOf, next, place, show } from '../../support/widget-page.ts'

const SEND = '<button>Send</button>'

describe('the body is to the byte what the browser itself posts', () => {
  it.each([
    [
      'repeated names',
      `<input name=a value=1><input name=a value=2><input name=b value=3><input name=a value=4>${SEND}`,
    ],
    [
      'boxes, ticked and not',
      `<input type=checkbox name=a checked><input type=checkbox name=b value=x><input type=checkbox name=a value=y checked>${SEND}`,
    ],
    ['radio buttons', `<input type=radio name=r value=1><input type=radio name=r value=2 checked>${SEND}`],
    [
      'selects',
      `<select name=s><option>one<option selected>two</select><select name=m multiple><option selected>a<option>b<option selected>c</select>${SEND}`,
    ],
    ['an empty select', `<select name=m multiple><option>a</select><input name=x>${SEND}`],
    [
      'the pressed button among several',
      '<input name=a value=1><button name=do value=save>Save</button><button class=press name=do value=send>Send</button>',
    ],
    ['a pressed input', '<input name=a value=1><input class=press type=submit name=go value="Send request">'],
    [
      'every kind of line end',
      `<textarea name=t>one\ntwo\n\nthree</textarea><input type=hidden name=h value="a&#13;b&#13;&#10;c&#10;d">${SEND}`,
    ],
    [
      'the rest of Unicode',
      `<input name=n value="Zoë O'Brien &amp; &lt;Söhne&gt; &quot;😀&quot;"><input name="ä=&amp;b" value="+ %20~*-._">${SEND}`,
    ],
    [
      'disabled fields and nameless ones',
      `<input name=a value=1 disabled><input value=2><fieldset disabled><input name=c value=3></fieldset><input name=d value="">${SEND}`,
    ],
    ['a field outside that belongs to it', `<input name=a value=1>${SEND}</form><input form=f name=b value=2>`],
    [
      'names that hide the form’s own properties',
      `<input name=action value=1><input name=method value=2><input name=submit value=3><input name=id value=4><input name=target value=5>${SEND}`,
    ],
    [
      'a date, a number, a colour, a range',
      `<input type=date name=d value=2026-11-23><input type=number name=n value=07><input type=color name=c value=#00ff00><input type=range name=r value=3 max=9>${SEND}`,
    ],
    ['the charset and the direction', `<input type=hidden name=_charset_><input name=t value=x dirname=t.dir>${SEND}`],
    ['nothing', SEND],
  ])('%s', async (_, fields) => {
    const [native, ours] = [place('202'), place('202')]
    await postByBrowser(native.action, fields)
    const { element, button, reaches } = show(ours, fields)
    element.querySelector('form')!.setAttribute('id', 'f')

    ;(element.querySelector<HTMLElement>('.press') ?? button).click()
    await reaches('sent')

    const [theirs] = await native.seen()
    const [posted] = await ours.seen()
    expect(posted!.body.split(/&?_id=/)[0]).toBe(theirs!.body)
  })
})

describe('what never leaves the page', () => {
  it.each([
    ['a password', '<input type=password name=x value=secret>'],
    ['a password that is being shown', '<input type=text name=x value=secret autocomplete="new-password">'],
    ['a card’s number', '<input name=x value=4242424242424242 autocomplete=cc-number>'],
    ['a card’s code, in a section', '<input name=x value=123 autocomplete="section-pay billing CC-CSC">'],
  ])('%s', async (_, field) => {
    const relay = place('202')
    const { button, reaches } = show(relay, `<input name=Email value=a@b.example>${field}${SEND}`)

    button.click()
    await reaches('sent')

    const fields = fieldsOf((await relay.seen())[0])
    expect(fields).not.toHaveProperty('x')
    expect(fields.Email).toBe('a@b.example')
  })

  it('a file, also one that the page’s own script adds', async () => {
    const relay = place('202')
    const { form, button, find, reaches } = show(
      relay,
      `<input name=Email value=a@b.example><input type=file name=cv>${SEND}`,
    )
    const files = new DataTransfer()
    files.items.add(new File(['private'], 'cv.pdf'))
    Object.assign(find('[type=file]'), { files: files.files })
    form.addEventListener('formdata', ({ formData }) => formData.append('late', new File(['private'], 'late.pdf')))

    const sending = next(document.body, 'form-sync-sending')
    button.click()
    await reaches('sent')

    const { body } = (await relay.seen())[0]!
    expect((await sending).data.has('cv')).toBe(false)
    expect(body).toMatch(/^Email=a%40b\.example&_id=/)
    expect(body).not.toMatch(/private|pdf|cv=|late=/)
  })

  it('but a section that is merely named like a card does', async () => {
    const relay = place('202')
    const { button, reaches } = show(
      relay,
      `<input name=Email value=a@b.example autocomplete="section-acc-1 email">${SEND}`,
    )

    button.click()
    await reaches('sent')

    expect(fieldsOf((await relay.seen())[0]).Email).toBe('a@b.example')
  })
})

describe('where it goes', () => {
  it('goes where the pressed button says', async () => {
    const [form, other] = [place('202'), place('202')]
    const { find, reaches } = show(
      form,
      `<button>Send</button><button id=b formaction="${other.action}">Elsewhere</button>`,
    )

    find('#b').click()
    await reaches('sent')

    expect(await form.seen()).toHaveLength(0)
    expect(await other.seen()).toHaveLength(1)
  })

  it.each([
    ['a form that gets', 'method', 'get'],
    ['a form in a dialog', 'method', 'dialog'],
    ['a form for another window', 'target', '_blank'],
    ['a form that writes a mail', 'action', 'mailto:sales@acme.example'],
    ['a form without an address', 'action', ''],
  ])('leaves %s to the browser', async (_, name, value) => {
    const { form, element } = show(place('202'))
    form.setAttribute(name, value)

    const left = await isLeftToTheBrowser(() => form.requestSubmit())

    expect(left).toBe(true)
    expect(element.state).toBe('idle')
  })

  it.each([
    ['another method', 'formmethod=dialog'],
    ['another window', 'formtarget=_blank'],
  ])('leaves a button with %s to the browser', async (_, attribute) => {
    const { button } = show(place('202'), `<button ${attribute}>Send</button>`)

    expect(await isLeftToTheBrowser(() => button.click())).toBe(true)
  })
})

/** Posts the same fields without our element into a frame, and resolves when its page is there. */
async function postByBrowser(action: string, fields: string): Promise<void> {
  document.body.innerHTML = `<iframe name=sink></iframe><form id=f method=post target=sink action="${action}">${fields}</form>`
  const form = document.querySelector('form')!
  const loaded = new Promise((done) => document.querySelector('iframe')!.addEventListener('load', done, { once: true }))
  const button = document.querySelector<HTMLElement>('.press') ?? document.querySelector('button')
  HTMLFormElement.prototype.requestSubmit.call(form, button)
  await loaded
}

/** True when nobody prevented the submit; it is then prevented here, so that the test's own page stays. */
function isLeftToTheBrowser(submit: () => void): Promise<boolean> {
  return new Promise((done) => {
    const look = (event: Event): void => {
      done(!event.defaultPrevented)
      event.preventDefault()
    }
    addEventListener('submit', look, { once: true })
    submit()
  })
}
