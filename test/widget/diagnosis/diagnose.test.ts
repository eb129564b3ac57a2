import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeRelay, formIn } from '../../support/widget-page.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})

beforeEach(() => warn.mockClear())

const texts = (): string[] => warn.mock.calls.map(([text]) => String(text))

/** Shows the content in an element whose waits take no time. */
function render(content: string, attributes = ''): ReturnType<typeof formIn> {
  const element = document.createElement('form-sync')
  // Before the element is on the page, so that its first look at the page takes no time either.
  element.globals = { ...element.globals, wait: async () => {} }
  element.innerHTML = content
  const [name, value] = attributes.split('=')
  if (name) element.setAttribute(name, value!)
  document.body.replaceChildren(element)
  return formIn(document.body)
}

const form = (attributes: string, fields = '<input name=Email value=zoe@harbour.example>'): string =>
  `<form ${attributes}>${fields}<button>Send</button></form>`

const RELAY = 'action=https://forms.acme.example/f/contact'

describe('the developer is warned once, with what to do,', () => {
  it.each([
    ['of a form without a method', form(RELAY), '', 'Add it'],
    ['of an element without a form', '<p>Form</p>', '', 'Put your form into it'],
    ['of a form without an action', form('method=post'), '', 'The action "" is not that of a form on a relay'],
    ['of another action', form('method=post action=/contact'), '', '"/contact" is not that of a form on a relay'],
    ['of a misspelt theme', form(`method=post ${RELAY}`), 'theme=plian', 'unknown theme: "plian"; allowed is "plain"'],
    ['of a target', form(`method=post target=_blank ${RELAY}`, '<input type=file name=x>'), '', 'Remove the target'],
    [
      'of a field for a file',
      form(`method=post ${RELAY}`, '<input type=file name=cv>'),
      '',
      '"cv" is never sent, because it is that of a file',
    ],
    [
      'of a password',
      form(`method=post ${RELAY}`, '<input type=password name=pin value=secret>'),
      '',
      '"pin" is never sent, because it is that of a password',
    ],
    [
      'of a card',
      form(`method=post ${RELAY}`, '<input autocomplete="cc-number" name=card value=4242>'),
      '',
      '"card" is never sent, because it is that of a payment card',
    ],
  ])('%s', async (_, content, attributes, expected) => {
    render(content, attributes)
    await expect.poll(() => texts().filter((text) => text.includes(expected))).toHaveLength(1)
    render(content, attributes)
    // Another mistake, which is told after the first would have been told again.
    render(form(`method=post ${RELAY}`, `<input type=file name="${crypto.randomUUID()}">`))
    await expect.poll(() => texts().length).toBeGreaterThan(1)

    const found = texts().filter((text) => text.includes(expected))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^form-sync: /)
    expect(texts().join()).not.toMatch(/secret|4242|zoe@/)
  })

  it.each([
    ['of a form that the relay does not know', '404', 'Compare the form’s action'.replace('’', "'")],
    ['of an origin that is not listed', '403', `Add "${location.origin}" to its "origins"`],
    ['of a relay that cannot be reached', 'drop', 'The relay cannot be reached'],
    ['of a required field that the form does not have', '422:Budget', 'refuses the field "Budget" (required)'],
  ])('%s', async (_, reply, expected) => {
    const { button, waitForState } = render(form(`method=post action="${fakeRelay(reply).action}"`))

    for (let press = 0; press < 2; press += 1) {
      button.click()
      await waitForState('failed')
    }

    await expect.poll(() => texts().filter((text) => text.includes(expected))).toHaveLength(1)
    expect(texts().join()).not.toContain('zoe@')
  })
})

describe('the developer is told', () => {
  it('of an element inside a form, which browsers do not allow', async () => {
    const outer = document.createElement('form')
    const element = document.createElement('form-sync')
    element.globals = { ...element.globals, wait: async () => {} }
    outer.append(element)
    document.body.replaceChildren(outer)

    await expect.poll(texts).toContainEqual(expect.stringContaining('The element is inside a form'))
  })

  it('of a script that has prevented the submit, what to do if it sends the form itself', async () => {
    const { form: element, button } = render(form(`method=post action="${fakeRelay('202').action}"`))
    element.addEventListener('submit', (event) => event.preventDefault())

    button.click()
    button.click()

    await expect.poll(texts).toEqual([expect.stringContaining('add the attribute "also"')])
  })

  it('of a relative action, when the page’s own site has answered', async () => {
    const { button, waitForState } = render(form('method=post action=/f/contact'))

    button.click()
    await waitForState('failed')

    await expect.poll(texts).toEqual([expect.stringContaining('The action "/f/contact" is relative')])
  })
})

it('a page without mistakes is not examined', async () => {
  const { element, button, waitForState } = render(
    form(`method=post action="${fakeRelay('202').action}"`),
    'theme=plain',
  )
  const wait = vi.fn(async () => {})
  element.globals = { ...element.globals, wait }

  button.click()
  await waitForState('sent')

  expect(wait).not.toHaveBeenCalled()
  expect(texts()).toEqual([])
})
