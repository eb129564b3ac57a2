import axe from 'axe-core'
import { describe, expect, it } from 'vitest'
import tailwind3 from '@unocss/reset/tailwind.css?raw'
import bootstrap from 'bootstrap/dist/css/bootstrap.css?raw'
import normalize from 'normalize.css/normalize.css?raw'
import tailwind4 from 'tailwindcss/preflight.css?raw'
import { fakeRelay, formIn, renderForm } from '../../support/widget-page.ts'

const FIELDS = `
  <label for=email>E-mail</label><small id=hint>We answer there.</small>
  <input id=email name=Email aria-describedby=hint value=zoe@harbour.example>
  <fieldset><legend>Topics</legend>
    <label><input type=checkbox name=topics value=tides> Tides</label>
    <label><input type=checkbox name=topics value=currents> Currents</label>
  </fieldset>
  <fieldset><legend>Fleet</legend>
    <label><input type=radio name=fleet value=small> Small</label>
    <label><input type=radio name=fleet value=large> Large</label>
  </fieldset>
  <label for=note>Anything else?</label><textarea id=note name=note></textarea>
  <button>Send request</button>`

describe('axe finds no violation with theme="plain"', () => {
  it.each([
    ['idle', 'light', '202'],
    ['sending', 'light', 'hang'],
    ['sent', 'light', '202'],
    ['failed', 'light', '404'],
    ['failed', 'light', '422:Email,topics,fleet,budget'],
    ['idle', 'dark', '202'],
    ['sending', 'dark', 'hang'],
    ['sent', 'dark', '202'],
    ['failed', 'dark', '404'],
    ['failed', 'dark', '422:Email,topics,fleet,budget'],
  ] as const)('in state %s, colour scheme %s, with the response %s', async (state, scheme, answers) => {
    document.documentElement.lang = 'en'
    document.title = 'Request a pilot'
    const { element, button, waitForState } = renderForm(fakeRelay(answers), FIELDS, 'theme=plain')
    document.body.style.colorScheme = scheme
    document.body.style.background = 'Canvas'
    document.body.style.color = 'CanvasText'
    document.querySelector('main')!.insertAdjacentHTML('afterbegin', '<h1>Request a pilot</h1>')
    if (state !== 'idle') button.click()
    await waitForState(state)
    await element.updateComplete

    const { violations } = await axe.run(document)

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

describe('axe finds no violation without a theme', () => {
  it.each([
    ['idle', '202'],
    ['sending', 'hang'],
    ['sent', '202'],
    ['failed', '404'],
    ['failed', '422:Email,topics,fleet,budget'],
  ] as const)('in state %s, with the response %s', async (state, answers) => {
    document.documentElement.lang = 'en'
    document.title = 'Request a pilot'
    const { button, waitForState } = renderForm(fakeRelay(answers), FIELDS)
    document.body.style.cssText = ''
    document.querySelector('main')!.insertAdjacentHTML('afterbegin', '<h1>Request a pilot</h1>')
    if (state !== 'idle') button.click()
    await waitForState(state)

    const { violations } = await axe.run(document)

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

describe('without a theme "Try again"', () => {
  it('has the font of the page, and is no smaller than the button of the form', async () => {
    const { button, findInShadow, waitForState } = renderForm(
      fakeRelay('404'),
      '<input name=Email aria-label=E-mail><button style="font: inherit; padding: 4px 8px">Send request</button>',
    )
    document.body.style.cssText = 'font: 19px/1.5 Georgia'
    button.click()
    await waitForState('failed')
    const retry = findInShadow('[part=retry]')!

    const { fontSize, fontFamily } = getComputedStyle(retry)
    const { height } = retry.getBoundingClientRect()
    document.body.style.cssText = ''

    expect([fontSize, fontFamily]).toEqual(['19px', 'Georgia'])
    expect(height).toBeGreaterThanOrEqual(button.getBoundingClientRect().height)
    // WCAG 2.2, 2.5.8.
    expect(height).toBeGreaterThanOrEqual(24)
  })
})

describe('the theme', () => {
  it('applies only if it is requested', async () => {
    const { element, find } = renderForm(fakeRelay('202'), FIELDS)
    await element.updateComplete
    const before = getComputedStyle(find('#email')).minHeight

    element.theme = 'plain'
    await element.updateComplete

    expect(before).not.toBe('44px')
    expect(getComputedStyle(find('#email')).minHeight).toBe('44px')
  })

  it('gives way to a class of the page', async () => {
    const { find, element } = renderForm(
      fakeRelay('202'),
      `<style>.small { min-height: 10px }</style>${FIELDS.replace('id=email', 'id=email class=small')}`,
      'theme=plain',
    )
    await element.updateComplete

    expect(getComputedStyle(find('#email')).minHeight).toBe('10px')
  })

  it('takes accent, radius and font from the page', async () => {
    const { find, element } = renderForm(
      fakeRelay('202'),
      `<style>:root { --form-sync-accent: #ff0; --form-sync-radius: 20px; --form-sync-font: monospace }</style>${FIELDS}`,
      'theme=plain',
    )
    await element.updateComplete

    const { backgroundColor, borderRadius, fontFamily, color } = getComputedStyle(find('button'))
    expect([backgroundColor, borderRadius, fontFamily]).toEqual(['rgb(255, 255, 0)', '20px', 'monospace'])
    expect(color, 'black on yellow').toMatch(/^oklch\(0 /)
  })

  it('makes every target at least 44 px high', async () => {
    const { element, button, findInShadow, waitForState } = renderForm(fakeRelay('404'), FIELDS, 'theme=plain')
    button.click()
    await waitForState('failed')

    const targets = [...element.querySelectorAll('button, label:has(input), #email'), findInShadow('[part=retry]')!]
    expect(targets.map((target) => target.getBoundingClientRect().height >= 44)).toEqual(targets.map(() => true))
  })

  it.each([
    ['normalize.css', normalize],
    ['the preflight of Tailwind CSS 3', tailwind3],
    ['the preflight of Tailwind CSS 4', tailwind4],
    ['Bootstrap 5', bootstrap],
  ])('looks the same with %s', async (_, reset) => {
    const fields = FIELDS.replace('<button>', '<button type=submit>')
    const shown = async (styles: string): Promise<string[][]> => {
      const { element } = renderForm(fakeRelay('202'), `<style>${styles}</style>${fields}`, 'theme=plain')
      await element.updateComplete
      return [...element.querySelectorAll('label, legend, input, textarea, button')].map((each) => {
        const { backgroundColor, borderWidth, display, float, fontSize, padding } = getComputedStyle(each)
        const { height } = each.getBoundingClientRect()
        return [each.tagName, backgroundColor, borderWidth, display, float, fontSize, padding, String(height)]
      })
    }
    // The page's own font and line height count in any case.
    const page = 'html { font: 16px/1.5 sans-serif !important }'

    const plain = await shown(page)

    expect(await shown(`${reset} ${page}`)).toEqual(plain)
  })

  it('lets a consent with two links wrap on a narrow page, beside its box', async () => {
    const { element, find } = renderForm(
      fakeRelay('202'),
      '<label><input type=checkbox name=ok> I have read and agree to the <a href=#>terms and conditions</a> and the <a href=#>privacy notice</a> of Acme</label>',
      'theme=plain',
    )
    element.style.width = '288px'
    await element.updateComplete

    const [label, box, link] = ['label', 'input', 'a'].map((name) => find(name).getBoundingClientRect())
    expect(find('label').scrollWidth).toBeLessThanOrEqual(288)
    expect(label!.height).toBeGreaterThan(60)
    expect(label!.height).toBeLessThan(120)
    expect(Math.abs(box!.left - label!.left)).toBeLessThan(1)
    expect(link!.left).toBeGreaterThanOrEqual(label!.left + 32)
  })

  it('keeps hidden what the page hides', async () => {
    const { find, element } = renderForm(
      fakeRelay('202'),
      '<label hidden>A <input name=a></label><input name=b hidden>',
      'theme=plain',
    )
    await element.updateComplete

    expect(find('label').checkVisibility()).toBe(false)
    expect(find('[name=b]').checkVisibility()).toBe(false)
  })

  it('is adopted once by each tree that contains an element, and sets no style attribute', async () => {
    const before = document.adoptedStyleSheets.length
    const { element } = renderForm(fakeRelay('202'), FIELDS, 'theme=plain')
    await element.updateComplete
    document.body.insertAdjacentHTML(
      'beforeend',
      `<section><form-sync theme=plain><form>${FIELDS}</form></form-sync></section><div></div>`,
    )
    const second = formIn(document.querySelector('section')!).element
    await second.updateComplete
    const inDocument = document.adoptedStyleSheets.length

    const root = document.querySelector('div')!.attachShadow({ mode: 'open' })
    root.append(second)
    await second.updateComplete

    expect(inDocument - before).toBeLessThanOrEqual(1)
    expect(root.adoptedStyleSheets).toHaveLength(1)
    expect(getComputedStyle(second.querySelector('#email')!).minHeight).toBe('44px')
    expect(document.querySelectorAll('form-sync[style], form-sync [style], form-sync style')).toHaveLength(0)
  })
})
