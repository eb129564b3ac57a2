/** Performance with 1,000 people: only visible lines are drawn, and a change of one person updates only that row. */
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
  it('are all in the list', async () => {
    expect(await page.locator('person-row').count()).toBe(1000)
  })

  it('have their lines drawn only near the viewport', async () => {
    const lines = await page.locator('person-line').count()

    expect(lines).toBeGreaterThan(8)
    expect(lines).toBeLessThan(60)
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
    await page.getByRole('switch', { name: 'Follow' }).click()

    const mutations = await mutationsWhile(() => fake.putPerson(known(second)), 'Late Comer')

    expect(mutations).toBeLessThan(120)
  })

  it('have their lines drawn when the list is scrolled to them', async () => {
    const far = page.locator('person-row', { hasText: 'Visitor 0497' })

    await far.scrollIntoViewIfNeeded()

    await far.locator('person-line .mark').first().waitFor()
  })

  it('all have their lines drawn for printing', async () => {
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))

    expect(await page.locator('person-line').count()).toBe(1000)
  })
})
