/** Tests the pages of the demo site in a browser: accessibility, layout, requests, links and animation. */
import axe from 'axe-core'
import type { Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import { JOURNEYS, open, RELAY, SLOW, useChromium } from './open.ts'

const PATHS = ['/', '/forecast', '/pricing', '/pilot', '/thanks', '/chart/7']

type Axe = typeof axe

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
