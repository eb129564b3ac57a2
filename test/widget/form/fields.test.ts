/** Compares the body that the widget posts with the body that the browser posts by itself. */
import { describe, expect, it } from 'vitest'
import { fakeRelay, fieldsOf, isLeftToBrowser, nextEvent, renderForm } from '../../support/widget-page.ts'

const SEND = '<button>Send</button>'

describe('the posted body equals the body of the browser byte for byte', () => {
  it.each([
    [
      'repeated names',
      `<input name=a value=1><input name=a value=2><input name=b value=3><input name=a value=4>${SEND}`,
    ],
    [
      'checked and unchecked boxes',
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
    [
      'a pressed input of type submit',
      '<input name=a value=1><input class=press type=submit name=go value="Send request">',
    ],
    [
      'every kind of line end',
      `<textarea name=t>one\ntwo\n\nthree</textarea><input type=hidden name=h value="a&#13;b&#13;&#10;c&#10;d">${SEND}`,
    ],
    [
      'special and non-ASCII characters',
      `<input name=n value="Zoë O'Brien &amp; &lt;Söhne&gt; &quot;😀&quot;"><input name="ä=&amp;b" value="+ %20~*-._">${SEND}`,
    ],
    [
      'disabled and nameless fields',
      `<input name=a value=1 disabled><input value=2><fieldset disabled><input name=c value=3></fieldset><input name=d value="">${SEND}`,
    ],
    [
      'a field outside the form that belongs to it',
      `<input name=a value=1>${SEND}</form><input form=f name=b value=2>`,
    ],
    [
      'names that hide properties of the form',
      `<input name=action value=1><input name=method value=2><input name=submit value=3><input name=id value=4><input name=target value=5><input name=elements value=6><input name=length value=7>${SEND}`,
    ],
    [
      'a date, a number, a colour, a range',
      `<input type=date name=d value=2026-11-23><input type=number name=n value=07><input type=color name=c value=#00ff00><input type=range name=r value=3 max=9>${SEND}`,
    ],
    ['the charset and the direction', `<input type=hidden name=_charset_><input name=t value=x dirname=t.dir>${SEND}`],
    [
      'a field for robots',
      `<input name=a value=1><div hidden><input name=_gotcha value=filled tabindex=-1></div>${SEND}`,
    ],
    ['no field', SEND],
  ])('with %s', async (_, fields) => {
    const [native, widget] = [fakeRelay('202'), fakeRelay('202')]
    await postByBrowser(native.action, fields)
    const { element, button, waitForState } = renderForm(widget, fields)
    element.querySelector('form')!.setAttribute('id', 'f')

    ;(element.querySelector<HTMLElement>('.press') ?? button).click()
    await waitForState('sent')

    const [expected] = await native.requests()
    const [actual] = await widget.requests()
    expect(actual!.body.split(/&?_id=/)[0]).toBe(expected!.body)
  })
})

describe('the posted body leaves out', () => {
  it.each([
    ['a password', '<input type=password name=x value=secret>'],
    ['a card’s number', '<input name=x value=4242424242424242 autocomplete=cc-number>'],
    ['a card’s code, in a section', '<input name=x value=123 autocomplete="section-pay billing CC-CSC">'],
  ])('%s', async (_, field) => {
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(relay, `<input name=Email value=a@b.example>${field}${SEND}`)

    button.click()
    await waitForState('sent')

    const fields = fieldsOf((await relay.requests())[0])
    expect(fields).not.toHaveProperty('x')
    expect(fields.Email).toBe('a@b.example')
  })

  it.each([
    ['a password that a button of the page has revealed', (input: HTMLInputElement) => void (input.type = 'text')],
    [
      'a revealed password whose input the page has replaced',
      (input: HTMLInputElement) =>
        void (input.outerHTML = '<input name=x value=secret autocomplete="current-password">'),
    ],
  ])('%s', async (_, reveal) => {
    const relay = fakeRelay('202')
    const { button, find, waitForState } = renderForm(
      relay,
      `<input name=Email value=a@b.example><input type=password name=x value=secret>${SEND}`,
    )

    find('[name=Email]').focus()
    reveal(find('[name=x]') as HTMLInputElement)
    button.click()
    await waitForState('sent')

    expect((await relay.requests())[0]!.body).toMatch(/^Email=a%40b\.example&_id=/)
  })

  it('a password alone, and not a field with its name or its autocomplete', async () => {
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(
      relay,
      `<input type=email name=Email value=a@b.example autocomplete="new-password">
       <input type=hidden name=x value=1><input type=password name=x value=secret><input name=x value=2>${SEND}`,
    )

    button.click()
    await waitForState('sent')

    expect((await relay.requests())[0]!.body).toMatch(/^Email=a%40b\.example&x=1&x=2&_id=/)
  })

  it('a file alone, and not a text field with its name', async () => {
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(
      relay,
      `<input type=hidden name=cv value=keep><input type=file name=cv>${SEND}`,
    )

    button.click()
    await waitForState('sent')

    expect((await relay.requests())[0]!.body).toMatch(/^cv=keep&_id=/)
  })

  it('a file, even if a script of the page adds it', async () => {
    const relay = fakeRelay('202')
    const { form, button, find, waitForState } = renderForm(
      relay,
      `<input name=Email value=a@b.example><input type=file name=cv>${SEND}`,
    )
    const files = new DataTransfer()
    files.items.add(new File(['private'], 'cv.pdf'))
    Object.assign(find('[type=file]'), { files: files.files })
    form.addEventListener('formdata', ({ formData }) => formData.append('late', new File(['private'], 'late.pdf')))

    const sending = nextEvent(document.body, 'form-sync-sending')
    button.click()
    await waitForState('sent')

    const { body } = (await relay.requests())[0]!
    expect((await sending).data.has('cv')).toBe(false)
    expect(body).toMatch(/^Email=a%40b\.example&_id=/)
    expect(body).not.toMatch(/private|pdf|cv=|late=/)
  })

  it('no field in a section whose name resembles a card’s', async () => {
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(
      relay,
      `<input name=Email value=a@b.example autocomplete="section-acc-1 email">${SEND}`,
    )

    button.click()
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0]).Email).toBe('a@b.example')
  })
})

describe('the address', () => {
  it('is the one of the pressed button', async () => {
    const [form, other] = [fakeRelay('202'), fakeRelay('202')]
    const { find, waitForState } = renderForm(
      form,
      `<button>Send</button><button id=b formaction="${other.action}">Elsewhere</button>`,
    )

    find('#b').click()
    await waitForState('sent')

    expect(await form.requests()).toHaveLength(0)
    expect(await other.requests()).toHaveLength(1)
  })

  it.each([
    ['the method get', 'method', 'get'],
    ['the method dialog', 'method', 'dialog'],
    ['a target in another window', 'target', '_blank'],
    ['an e-mail address', 'action', 'mailto:sales@acme.example'],
    ['an empty address', 'action', ''],
  ])('is left to the browser for %s', async (_, name, value) => {
    const { form, element } = renderForm(fakeRelay('202'))
    form.setAttribute(name, value)

    const leftToBrowser = await isLeftToBrowser(() => form.requestSubmit())

    expect(leftToBrowser).toBe(true)
    expect(element.state).toBe('idle')
  })

  it.each([
    ['post without a method', 'method', null],
    ['post with a misspelt method', 'method', 'pots'],
  ])('of the relay is sent by %s', async (_, name, value) => {
    const relay = fakeRelay('202')
    const { form, button, waitForState } = renderForm(relay)
    if (value === null) form.removeAttribute(name)
    else form.setAttribute(name, value)

    button.click()
    await waitForState('sent')

    expect((await relay.requests()).map(({ method }) => method)).toEqual(['POST'])
  })

  it('of another program is left to the browser without a method', async () => {
    const { form } = renderForm(fakeRelay('202'))
    form.removeAttribute('method')
    form.setAttribute('action', '/search')

    expect(await isLeftToBrowser(() => form.requestSubmit())).toBe(true)
  })

  it.each([
    ['another method', 'formmethod=dialog'],
    ['another window', 'formtarget=_blank'],
  ])('is left to the browser for a button with %s', async (_, attribute) => {
    const { button } = renderForm(fakeRelay('202'), `<button ${attribute}>Send</button>`)

    expect(await isLeftToBrowser(() => button.click())).toBe(true)
  })
})

/** Posts the fields without the element, into a frame, and resolves when the response has loaded. */
async function postByBrowser(action: string, fields: string): Promise<void> {
  document.body.innerHTML = `<iframe name=sink></iframe><form id=f method=post target=sink action="${action}">${fields}</form>`
  const form = document.querySelector('form')!
  const loaded = new Promise((done) => document.querySelector('iframe')!.addEventListener('load', done, { once: true }))
  const button = document.querySelector<HTMLElement>('.press') ?? document.querySelector('button')
  HTMLFormElement.prototype.requestSubmit.call(form, button)
  await loaded
}
