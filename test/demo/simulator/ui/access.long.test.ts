/** Accessibility of the page: axe, contrast, window sizes, focus; and no requests to other hosts. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeSimulator } from './fake-simulator.ts'
import { seventh } from './sample-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const SCHEMES = ['light', 'dark'] as const

let fake: FakeSimulator

beforeAll(async () => {
  fake = await FakeSimulator.open()
})
afterEach(() => fake.clear())
afterAll(() => fake.close())

async function openKnownCall(page: Page): Promise<void> {
  await page.locator('call-log').getByRole('button', { name: 'Ana Lima became known' }).click()
  await page.getByRole('heading', { name: 'Reply' }).waitFor()
}

/** Returns what axe finds. A scheme changes colours alone, so that the second one needs the rules of contrast only. */
async function violations(page: Page, colorScheme: (typeof SCHEMES)[number]): Promise<string[]> {
  await page.evaluate(AXE)
  const options: RunOptions = colorScheme === 'dark' ? { runOnly: ['color-contrast'] } : {}
  return page.evaluate(async (options) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }
    const { violations } = await axe.run(options)
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`),
    )
  }, options)
}

describe.each(SCHEMES)('in the %s scheme, axe finds no violation', (colorScheme) => {
  it('with a selected person and an open call', async () => {
    const page = await fake.openPage({ colorScheme })
    await openKnownCall(page)

    expect(await violations(page, colorScheme)).toEqual([])
  })

  it('with a failed call, an explanation and a tooltip', async () => {
    const page = await fake.openPage({ colorScheme })
    await page.locator('call-log').getByRole('button', { name: '20105' }).click()
    await page.getByRole('button', { name: 'faultstring' }).focus()
    await page.getByRole('img', { name: 'Request a pilot' }).first().hover()

    expect(await violations(page, colorScheme)).toEqual([])
  })

  it('on a phone', async () => {
    const page = await fake.openPage({ colorScheme, viewport: { width: 390, height: 844 } })
    await page.getByRole('button', { name: 'What the calls did' }).click()
    await openKnownCall(page)

    expect(await violations(page, colorScheme)).toEqual([])
  })

  it('with news', async () => {
    const page = await fake.openPage({ colorScheme })
    await page.getByRole('button', { name: 'Ana Lima' }).first().click()
    await fake.addCall(seventh)
    await page.getByRole('button', { name: '1 new' }).waitFor()

    expect(await violations(page, colorScheme)).toEqual([])
  })

  it('without people', async () => {
    fake.data = { ...fake.data, people: [], calls: [] }
    const page = await fake.openPage({ colorScheme })

    expect(await violations(page, colorScheme)).toEqual([])
  })

  it('with a lost connection', async () => {
    const page = await fake.openPage({ colorScheme })
    fake.down = true
    await fake.breakStreams()
    await page.getByText('Disconnected').waitFor()

    expect(await violations(page, colorScheme)).toEqual([])
  })
})

const GROUNDS = ['page', 'panel', 'sunken', 'accent-soft']

/** Returns the contrast ratio by WCAG 2.2 of two custom properties, as rendered by the browser. */
async function contrast(page: Page, mark: string, ground: string): Promise<number> {
  return page.evaluate(
    ([mark, ground]) => {
      const canvas = new OffscreenCanvas(1, 1).getContext('2d')!
      const probe = document.body.appendChild(document.createElement('i'))
      const luminance = (name: string | undefined): number => {
        probe.style.color = `var(--${name})`
        canvas.fillStyle = getComputedStyle(probe).color
        canvas.fillRect(0, 0, 1, 1)
        const [r = 0, g = 0, b = 0] = Array.from(canvas.getImageData(0, 0, 1, 1).data.slice(0, 3), (byte) => {
          const c = byte / 255
          return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
        })
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const [dark, light] = [luminance(mark), luminance(ground)].toSorted((a, b) => a - b)
      probe.remove()
      return (light! + 0.05) / (dark! + 0.05)
    },
    [mark, ground],
  )
}

describe.each(SCHEMES)('in the %s scheme', (colorScheme) => {
  it.each([
    [
      'text has a contrast of 4.5:1 on every background',
      4.5,
      ['ink', 'quiet', 'accent', 'known-ink', 'act', 'xml-name'],
      GROUNDS,
    ],
    [
      'marks have a contrast of 3:1 on every background of a line',
      3,
      ['anonymous', 'known', 'accent', 'act', 'edge'],
      GROUNDS.slice(0, 3),
    ],
  ])('%s', async (_, minRatio, marks, grounds) => {
    const page = await fake.openPage({ colorScheme })

    const tooClose: string[] = []
    for (const mark of marks) {
      for (const ground of grounds) {
        const ratio = await contrast(page, mark, ground)
        if (ratio < minRatio) tooClose.push(`${mark} on ${ground}: ${ratio.toFixed(2)}`)
      }
    }

    expect(tooClose).toEqual([])
  })
})

describe('the page', () => {
  it.each([360, 390, 768, 1024, 1440, 2560])('fits a window of %i pixels', async (width) => {
    const page = await fake.openPage({ viewport: { width, height: 800 } })
    await page.getByRole('button', { name: 'Ana Lima' }).first().focus()
    await page.keyboard.press('Enter')

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  })

  it('sends requests only to the simulator', async () => {
    const page = await fake.openPage()
    const requested: string[] = []
    page.on('request', (request) => requested.push(request.url()))

    await page.reload()
    await openKnownCall(page)

    expect(requested.length).toBeGreaterThan(5)
    expect(requested.filter((url) => !url.startsWith(fake.url) && !url.startsWith('data:'))).toEqual([])
  })

  it('shows a focus ring on every focused element', async () => {
    const page = await fake.openPage()
    await openKnownCall(page)
    await page.getByRole('heading', { level: 1 }).click()
    const seen: string[] = []

    for (let i = 0; i < 14; i++) {
      await page.keyboard.press('Tab')
      seen.push(
        await page.evaluate(() => {
          let at = document.activeElement
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
          const shown = at?.closest('label') ?? at?.querySelector('.reach') ?? at
          if (!shown) return 'nothing'
          const { outlineStyle, outlineWidth, stroke, strokeWidth } = getComputedStyle(shown)
          const ring =
            outlineStyle === 'none' && stroke !== 'none' ? strokeWidth : outlineStyle === 'none' ? '' : outlineWidth
          return `${at?.localName} ${ring}`
        }),
      )
    }

    expect(seen.filter((one) => !one.endsWith(' 2px'))).toEqual([])
  })
})
