/** Tests the pages of the demo site in a browser: accessibility, layout, requests, links and animation. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import { JOURNEYS, open, RELAY, SLOW, useChromium } from './open.ts'

const PATHS = ['/', '/forecast', '/pricing', '/pilot', '/thanks', '/chart/7']

type Axe = typeof axe

/** The widget as `npm run build` creates it. */
const WIDGET = readFileSync(join(import.meta.dirname, '../../../dist/widget/form-sync.js'), 'utf8')

useChromium()

describe('the demo site in Chromium', () => {
  const looks = (['light', 'dark'] as const).flatMap((scheme) => PATHS.map((path) => [path, scheme] as const))

  it.each(looks)(
    'shows %s in the colour scheme %s without an accessibility violation',
    SLOW,
    async (path, colorScheme) => {
      await using opened = await open(path, { colorScheme })
      const { page } = opened

      await page.evaluate(axe.source)
      const violations = await page.evaluate(async () => {
        const { axe } = self as unknown as { axe: Axe }
        const results = await axe.run({
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        })
        return results.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))
      })

      expect(violations).toEqual([])
    },
  )

  it.each(PATHS)('fits %s into 320 px', SLOW, async (path) => {
    await using opened = await open(path, { viewport: { width: 320, height: 640 } })

    const width = await opened.page.evaluate(() => document.documentElement.scrollWidth)

    expect(width).toBe(320)
  })

  it.each([1280, 320])('shows no text of the form over another one with the theme, at %i px', SLOW, async (width) => {
    await using opened = await open('/pilot', { viewport: { width, height: 900 } }, WIDGET)
    await opened.page.waitForFunction(() => document.adoptedStyleSheets.length > 0)

    const overlaps = await opened.page.evaluate(() => {
      const texts = [
        ...document.querySelectorAll('form-sync :is(legend, label, .hint, input, select, textarea, button)'),
      ]
      const boxes = texts.map((element) => {
        const range = document.createRange()
        range.selectNodeContents(element)
        // A control has no text of its own on the page.
        const { left, right, top, bottom } = (
          element.matches('input, select, textarea') ? element : range
        ).getBoundingClientRect()
        return {
          element,
          left,
          right,
          top,
          bottom,
          name: element.textContent.trim() || (element as HTMLInputElement).name,
        }
      })
      const meet = (a: (typeof boxes)[0], b: (typeof boxes)[0]) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
      return {
        count: boxes.length,
        found: boxes.flatMap((a, at) =>
          boxes
            .slice(at + 1)
            .filter((b) => !a.element.contains(b.element) && meet(a, b))
            .map((b) => `${a.name} / ${b.name}`),
        ),
      }
    })

    expect(overlaps.count).toBeGreaterThan(20)
    expect(overlaps.found).toEqual([])
  })

  it.each(PATHS)('loads %s from the site, the relay and the simulator only', SLOW, async (path) => {
    await using opened = await open(path)
    await opened.page.waitForSelector('html[data-munchkin="123-ABC-456"]')

    const hosts = new Set(opened.requestedUrls.map((url) => new URL(url).origin))

    expect([...hosts].toSorted()).toEqual([JOURNEYS, opened.home, ...(path === '/pilot' ? [RELAY] : [])].toSorted())
    // Chromium logs an error for the page that does not exist.
    expect(opened.errors.filter((error) => !error.includes('404'))).toEqual([])
  })

  it('links from the home page to every page except the thanks page, without a broken link', SLOW, async () => {
    await using opened = await open('/')
    const { page } = opened
    const statuses = new Map<string, number>()
    const queue = ['/']

    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (statuses.has(path)) continue
      const response = await page.goto(opened.home + path)
      statuses.set(path, response!.status())
      queue.push(...(await linksOn(page)))
    }

    expect([...statuses.values()].every((status) => status === 200)).toBe(true)
    expect([...statuses.keys()].toSorted()).toEqual(['/', '/forecast', '/pilot', '/pricing'])
  })

  it('animates the curve unless the visitor pauses it or prefers reduced motion', SLOW, async () => {
    await using moving = await open('/', { reducedMotion: 'no-preference' })
    await using reduced = await open('/', { reducedMotion: 'reduce' })

    const before = await playStates(moving.page)
    await moving.page.getByLabel('Pause the curve').check()
    const paused = await playStates(moving.page)

    expect(before).toEqual(['running', 'running', 'running', 'running'])
    expect(paused).toEqual(['paused', 'paused', 'paused', 'paused'])
    expect(await playStates(reduced.page)).toEqual([])
    expect(await reduced.page.getByLabel('Pause the curve').isVisible()).toBe(false)
  })
})

/** Returns the paths of the links to the same site. */
async function linksOn(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.links].filter((link) => link.origin === location.origin).map((link) => link.pathname),
  )
}

/** Returns the play state of each animation on the page. */
async function playStates(page: Page): Promise<string[]> {
  return page.evaluate(() => document.getAnimations().map(({ playState }) => playState))
}
