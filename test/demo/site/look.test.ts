/** The pages as a browser shows them. */
import axe from 'axe-core'
import type { Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import { JOURNEYS, open, RELAY, SLOW, useChromium } from './open.ts'

const PATHS = ['/', '/forecast', '/pricing', '/pilot', '/thanks', '/chart/7']

type Axe = typeof axe

useChromium()

describe('in Chromium', () => {
  const looks = (['light', 'dark'] as const).flatMap((scheme) => PATHS.map((path) => [path, scheme] as const))

  it.each(looks)('shows %s in %s colours without a fault that axe knows', SLOW, async (path, colorScheme) => {
    await using opened = await open(path, { colorScheme })
    const { page } = opened

    await page.evaluate(axe.source)
    const faults = await page.evaluate(async () => {
      const { axe } = self as unknown as { axe: Axe }
      const { violations } = await axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      })
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))
    })

    expect(faults).toEqual([])
  })

  it.each(PATHS)('fits %s into 320 px', SLOW, async (path) => {
    await using opened = await open(path, { viewport: { width: 320, height: 640 } })

    const width = await opened.page.evaluate(() => document.documentElement.scrollWidth)

    expect(width).toBe(320)
  })

  it.each(PATHS)('asks for %s itself, the relay and the journeys, and no one else', SLOW, async (path) => {
    await using opened = await open(path)
    await opened.page.waitForSelector('html[data-munchkin="123-ABC-456"]')

    const hosts = new Set(opened.asked.map((url) => new URL(url).origin))

    expect([...hosts].toSorted()).toEqual([JOURNEYS, opened.home, ...(path === '/pilot' ? [RELAY] : [])].toSorted())
    // Chromium writes a line for the page that is not there; nothing else may be amiss.
    expect(opened.complaints.filter((complaint) => !complaint.includes('404'))).toEqual([])
  })

  it('leads from the home page to every page but the one after the form, and nowhere in vain', SLOW, async () => {
    await using opened = await open('/')
    const { page } = opened
    const seen = new Map<string, number>()
    const waiting = ['/']

    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      if (seen.has(path)) continue
      const response = await page.goto(opened.home + path)
      seen.set(path, response!.status())
      waiting.push(...(await linksOn(page)))
    }

    expect([...seen.values()].every((status) => status === 200)).toBe(true)
    expect([...seen.keys()].toSorted()).toEqual(['/', '/forecast', '/pilot', '/pricing'])
  })

  it('moves the curve, until the visitor holds it or has asked for rest', SLOW, async () => {
    await using moving = await open('/', { reducedMotion: 'no-preference' })
    await using resting = await open('/', { reducedMotion: 'reduce' })

    const before = await playing(moving.page)
    await moving.page.getByLabel('Hold the paper still').check()
    const held = await playing(moving.page)

    expect(before).toEqual(['running', 'running', 'running', 'running'])
    expect(held).toEqual(['paused', 'paused', 'paused', 'paused'])
    expect(await playing(resting.page)).toEqual([])
    expect(await resting.page.getByLabel('Hold the paper still').isVisible()).toBe(false)
  })
})

/** The paths that a page links to on its own site. */
async function linksOn(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.links].filter((link) => link.origin === location.origin).map((link) => link.pathname),
  )
}

async function playing(page: Page): Promise<string[]> {
  return page.evaluate(() => document.getAnimations().map(({ playState }) => playState))
}
