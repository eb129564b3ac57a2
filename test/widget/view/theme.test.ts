import axe from 'axe-core'
import { describe, expect, it } from 'vitest'
import { place, scene, show } from '../../support/widget-page.ts'

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

describe('nothing for axe to find with theme="plain"', () => {
  it.each([
    ['idle', 'light', '202'],
    ['sending', 'light', 'hang'],
    ['sent', 'light', '202'],
    ['failed', 'light', '404'],
    ['failed', 'light', '422:Email,topics,fleet,budget'],
    ['idle', 'dark', '202'],
    ['sent', 'dark', '202'],
    ['failed', 'dark', '404'],
    ['failed', 'dark', '422:Email,topics,fleet,budget'],
  ] as const)('%s, %s (%s)', async (state, scheme, answers) => {
    document.documentElement.lang = 'en'
    document.title = 'Request a pilot'
    const { element, button, reaches } = show(place(answers), FIELDS, 'theme=plain')
    document.body.style.colorScheme = scheme
    document.body.style.background = 'Canvas'
    document.body.style.color = 'CanvasText'
    document.querySelector('main')!.insertAdjacentHTML('afterbegin', '<h1>Request a pilot</h1>')
    if (state !== 'idle') button.click()
    await reaches(state)
    await element.updateComplete

    const { violations } = await axe.run(document)

    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

describe('the theme', () => {
  it('is there only when it is asked for', async () => {
    const { element, find } = show(place('202'), FIELDS)
    await element.updateComplete
    const before = getComputedStyle(find('#email')).minHeight

    element.theme = 'plain'
    await element.updateComplete

    expect(before).not.toBe('44px')
    expect(getComputedStyle(find('#email')).minHeight).toBe('44px')
  })

  it('gives way to any rule of the page', async () => {
    const { find, element } = show(place('202'), `<style>input { min-height: 10px }</style>${FIELDS}`, 'theme=plain')
    await element.updateComplete

    expect(getComputedStyle(find('#email')).minHeight).toBe('10px')
  })

  it('takes accent, radius and font from the page', async () => {
    const { find, element } = show(
      place('202'),
      `<style>:root { --form-sync-accent: #ff0; --form-sync-radius: 20px; --form-sync-font: monospace }</style>${FIELDS}`,
      'theme=plain',
    )
    await element.updateComplete

    const { backgroundColor, borderRadius, fontFamily, color } = getComputedStyle(find('button'))
    expect([backgroundColor, borderRadius, fontFamily]).toEqual(['rgb(255, 255, 0)', '20px', 'monospace'])
    expect(color, 'black on yellow').toMatch(/^oklch\(0 /)
  })

  it('makes everything that is pressed at least 44 pixels high', async () => {
    const { element, button, inside, reaches } = show(place('404'), FIELDS, 'theme=plain')
    button.click()
    await reaches('failed')

    const targets = [...element.querySelectorAll('button, label:has(input), #email'), inside('[part=retry]')!]
    expect(targets.map((target) => target.getBoundingClientRect().height >= 44)).toEqual(targets.map(() => true))
  })

  it('leaves hidden what the page hides', async () => {
    const { find, element } = show(
      place('202'),
      '<label hidden>A <input name=a></label><input name=b hidden>',
      'theme=plain',
    )
    await element.updateComplete

    expect(find('label').checkVisibility()).toBe(false)
    expect(find('[name=b]').checkVisibility()).toBe(false)
  })

  it('is adopted once by each tree it stands in, and without a style attribute', async () => {
    const before = document.adoptedStyleSheets.length
    const { element } = show(place('202'), FIELDS, 'theme=plain')
    await element.updateComplete
    document.body.insertAdjacentHTML(
      'beforeend',
      `<section><form-sync theme=plain><form>${FIELDS}</form></form-sync></section><div></div>`,
    )
    const second = scene(document.querySelector('section')!).element
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
