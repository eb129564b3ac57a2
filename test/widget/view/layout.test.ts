/** The theme on pages with published style sheets: what stays true in each of them, on narrow pages and in both directions. */
import { afterEach, expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import pico from '@picocss/pico/css/pico.css?raw'
import tailwind3 from '@unocss/reset/tailwind.css?raw'
import bootstrap from 'bootstrap/dist/css/bootstrap.css?raw'
import normalize from 'normalize.css/normalize.css?raw'
import tailwind4 from 'tailwindcss/preflight.css?raw'
import { fakeRelay, renderForm } from '../../support/widget-page.ts'

const SHEETS = {
  none: '',
  normalize,
  'Tailwind CSS 3': tailwind3,
  'Tailwind CSS 4': tailwind4,
  Bootstrap: bootstrap,
  Pico: pico,
}

const FIELDS = `
  <label for=email>E-mail address</label><small id=hint>We answer there, and nowhere else, within two days.</small>
  <input id=email name=Email aria-describedby=hint>
  <fieldset><legend>Topics that interest you</legend><small>As many as you like.</small>
    <label><input type=checkbox name=topics value=tides> Tides</label>
    <label><input type=checkbox name=topics value=currents> Currents</label></fieldset>
  <label>Country <select name=country><option>Iceland</option></select></label>
  <label><input type=checkbox name=ok> I have read and agree to the <a href=#>terms and conditions</a> and the <a href=#>privacy notice</a></label>
  <button type=submit>Send request</button>`

/** Returns pairs of texts and controls of which one stands over the other. */
function overlaps(root: Element): string[] {
  const boxes = [...root.querySelectorAll('legend, label, small, input, select, button, .form-sync-error')].map(
    (element) => {
      const range = document.createRange()
      range.selectNodeContents(element)
      return { element, box: (element.matches('input, select') ? element : range).getBoundingClientRect() }
    },
  )
  return boxes.flatMap(({ element, box }, at) =>
    boxes
      .slice(at + 1)
      .filter((other) => !element.contains(other.element))
      .filter((other) => Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left) > 1)
      .filter((other) => Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top) > 1)
      .map((other) => `${element.outerHTML} / ${other.element.outerHTML}`),
  )
}

async function emulate(features: { name: string; value: string }[], media = ''): Promise<void> {
  await cdp().send('Emulation.setEmulatedMedia', { media, features })
}

afterEach(() => emulate([]))

const cases = Object.keys(SHEETS).flatMap((sheet) => ['ltr', 'rtl'].map((direction) => [sheet, direction] as const))

it.each(cases)(
  'with the style sheet %s and the direction %s, 320 px are enough for all texts and errors',
  async (sheet, direction) => {
    const styles = SHEETS[sheet as keyof typeof SHEETS]
    const { element, button, waitForState } = renderForm(
      fakeRelay('422:Email,topics,country,ok'),
      `<style>${styles} html { font: 16px/1.5 sans-serif !important }</style>${FIELDS}`,
      `theme=plain dir=${direction}`,
    )
    // A page of 320 px with a margin of 16 px; as wide is one of 640 px at a zoom of 200 %.
    element.style.width = '288px'

    button.click()
    await waitForState('failed')

    expect(overlaps(element)).toEqual([])
    const mark = getComputedStyle(element.querySelector('.form-sync-error')!, '::before')
    const [width, height] = [mark.width, mark.height].map((length) => Number.parseFloat(length))
    // With borders in the box, as resets have them, the circle would be an ellipse.
    expect(mark.boxSizing).toBe('content-box')
    expect(Math.abs(width! - height!)).toBeLessThan(1)
    expect(element.scrollWidth).toBeLessThanOrEqual(288)
    expect(element.querySelectorAll('.form-sync-error')).toHaveLength(4)
    const targets = [...element.querySelectorAll('button, label:has([type=checkbox]), #email, select')]
    expect(targets.filter((target) => target.getBoundingClientRect().height < 44)).toEqual([])
  },
)

it('in forced colours, button, field and error have borders in colours of the system', async () => {
  await emulate([{ name: 'forced-colors', value: 'active' }])
  const { button, find, findInShadow, waitForState } = renderForm(fakeRelay('422:Email'), FIELDS, 'theme=plain')

  button.click()
  await waitForState('failed')

  const drawn = [button, find('#email'), findInShadow('[part=summary]')!].map((each) => {
    const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(each)
    return borderTopWidth !== '0px' && borderTopStyle === 'solid' && borderTopColor !== backgroundColor
  })
  expect(drawn).toEqual([true, true, true])
})

it('on paper, fields have their borders and texts are dark', async () => {
  await emulate([{ name: 'prefers-color-scheme', value: 'light' }], 'print')
  const { element, find } = renderForm(fakeRelay('202'), FIELDS, 'theme=plain')
  await element.updateComplete

  const { borderTopWidth, color } = getComputedStyle(find('#email'))
  expect([borderTopWidth, color]).toEqual(['1px', 'rgb(0, 0, 0)'])
})
