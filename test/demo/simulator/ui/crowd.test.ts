/** Performance with 1,000 people: only rows near the viewport exist, and a change of one person updates only that row. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PersonView } from '../../../../demo/simulator/view.ts'
import { FakeSimulator } from './fake-simulator.ts'
import { crowd, limits } from './sample-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const people = crowd(1000)
/** An anonymous visitor, second in the list. */
const second = people.at(-2)!

let fake: FakeSimulator
let page: Page

beforeAll(async () => {
  fake = await FakeSimulator.open()
  fake.data = { people, calls: [], limits, details: {} }
  page = await fake.openPage()
  await page.locator('person-line').first().waitFor()
})
afterAll(() => fake.close())

/** Counts all mutations of the document and its shadow roots from the start of `act` until `text` is visible. */
async function mutationsWhile(act: () => Promise<void>, text: string): Promise<number> {
  await page.evaluate(() => {
    const seen = { count: 0 }
    const observer = new MutationObserver((records) => (seen.count += records.length))
    const observe = (root: Document | ShadowRoot): void => {
      observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true })
      for (const element of root.querySelectorAll('*')) if (element.shadowRoot) observe(element.shadowRoot)
    }
    observe(document)
    Object.assign(globalThis, { mutations: () => (observer.takeRecords(), seen.count) })
  })
  await act()
  await page.getByText(text).first().waitFor()
  return page.evaluate(() => (globalThis as unknown as { mutations: () => number }).mutations())
}

function known(person: PersonView): PersonView {
  return {
    ...person,
    known: true,
    email: 'late@harbour.example',
    attributes: { FirstName: 'Late', LastName: 'Comer' },
    activities: [...person.activities, { type: 'known', at: '2026-11-23T14:12:00.000Z', call: 2 }],
  }
}

describe('1,000 people', () => {
  it('have rows only near the viewport, which tell their places in the list', async () => {
    const rows = page.locator('people-list li[aria-setsize]')

    expect(await rows.count()).toBeGreaterThan(8)
    expect(await rows.count()).toBeLessThan(40)
    expect(await rows.first().getAttribute('aria-posinset')).toBe('1')
    expect(await rows.first().getAttribute('aria-setsize')).toBe('1000')
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(1000 * 100)
  })

  it('are not updated when one of them views another page', async () => {
    const visit = { type: 'visit', at: '2026-11-23T14:11:00.000Z', url: 'https://tidewater.example/new' } as const

    const mutations = await mutationsWhile(
      () => fake.putPerson({ ...second, activities: [...second.activities, visit] }),
      `${second.activities.length + 1} visits`,
    )

    expect(mutations).toBeLessThan(60)
  })

  it('are not updated when one of them becomes known', async () => {
    const mutations = await mutationsWhile(() => fake.putPerson(known(second)), 'Late Comer')

    expect(mutations).toBeLessThan(120)
  })

  it('appear when the reader scrolls to them', async () => {
    await page.mouse.move(300, 500)
    await page.mouse.wheel(0, 50_000)

    const middle = page.locator('people-list li[aria-posinset="480"]')
    await middle.locator('person-line .mark').first().waitFor()
    expect(await page.locator('person-row').count()).toBeLessThan(40)
  })

  it('are all reachable by the keyboard', async () => {
    await page.locator('person-row .label').first().focus()

    await page.keyboard.press('End')

    const last = page.locator('people-list li[aria-posinset="1000"]')
    await last.waitFor()
    await vi.waitFor(async () => expect(await last.locator('.label:focus').count()).toBe(1))
    await page.keyboard.press('ArrowUp')
    await vi.waitFor(async () =>
      expect(await page.locator('people-list li[aria-posinset="999"] .label:focus').count()).toBe(1),
    )
    await page.keyboard.press('Home')
    await vi.waitFor(async () =>
      expect(await page.locator('people-list li[aria-posinset="1"] .label:focus').count()).toBe(1),
    )
  })

  it('all have their lines drawn for printing', async () => {
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))

    expect(await page.locator('person-line').count()).toBe(1000)
    await page.evaluate(() => dispatchEvent(new Event('afterprint')))
    await vi.waitFor(async () => expect(await page.locator('person-line').count()).toBeLessThan(40))
  })
})
