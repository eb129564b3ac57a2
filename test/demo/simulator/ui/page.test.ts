/** Tests of the built journeys page in a real browser. */
import type { Locator, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeSimulator, sampleData } from './fake-simulator.ts'
import { ana, seventh, visitorKnown, zoe } from './sample-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

let fake: FakeSimulator

beforeAll(async () => {
  fake = await FakeSimulator.open()
})
afterEach(() => fake.clear())
afterAll(() => fake.close())

const PHONE = { viewport: { width: 390, height: 844 } }

function row(page: Page, name: string): Locator {
  return page.locator('person-row').filter({ has: page.getByRole('button', { name, exact: false }) })
}

function chosen(page: Page, name: string): Locator {
  return page.locator('person-row[chosen]').filter({ has: page.getByRole('button', { name }) })
}

function panel(page: Page): Locator {
  return page.locator('call-panel')
}

/** Returns the durations of all animations of a row, in seconds, including finished ones. */
async function motions(row: Locator): Promise<number[]> {
  return row.evaluate((element) => {
    const within = (root: Element | ShadowRoot): Element[] => {
      const inside = [...root.querySelectorAll('*')]
      return inside.concat(inside.flatMap((one) => (one.shadowRoot ? within(one.shadowRoot) : [])))
    }
    return within(element.shadowRoot!)
      .map((one) => getComputedStyle(one))
      .filter((style) => style.animationName !== 'none')
      .map((style) => Number.parseFloat(style.animationDuration))
  })
}

async function sendForm(): Promise<void> {
  await fake.addCall(seventh)
  await fake.putPerson(visitorKnown)
}

describe('when a visitor becomes known, the page', () => {
  it('shows the name and recolours the line back to the first visit, without a reload', async () => {
    const page = await fake.openPage()
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }))
    const visitor = row(page, 'Visitor 7731')
    expect(await visitor.locator('.mark.anonymous').count()).toBe(4)

    await sendForm()

    const known = row(page, 'Mara Okafor')
    await known.waitFor()
    expect(await known.locator('.mark.joined').count()).toBe(4)
    expect(await known.locator('.mark.anonymous').count()).toBe(0)
    expect(await row(page, 'Visitor 7731').count()).toBe(0)
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true)
  })

  it('recolours the gap next to the known mark first, and the first visit last', async () => {
    const page = await fake.openPage()

    await sendForm()

    const gaps = row(page, 'Mara Okafor').locator('.gap.turning')
    await gaps.first().waitFor({ state: 'attached' })
    const delays = await gaps.evaluateAll((all) =>
      all.map((one) => Number.parseFloat(getComputedStyle(one).animationDelay)),
    )
    expect(delays).toHaveLength(4)
    expect(delays).toEqual(delays.toSorted((a, b) => b - a))
    expect(delays.at(-1)).toBe(0)
    const all = await motions(row(page, 'Mara Okafor'))
    expect(all.length).toBeGreaterThanOrEqual(8)
    expect(Math.max(...all)).toBeLessThanOrEqual(0.2)
  })

  it('animates nothing with reduced motion', async () => {
    const page = await fake.openPage({ reducedMotion: 'reduce' })

    await sendForm()

    const known = row(page, 'Mara Okafor')
    await known.locator('.gap.turning').first().waitFor({ state: 'attached' })
    expect(await motions(known)).toEqual([])
  })

  it('opens the call beside the list', async () => {
    const page = await fake.openPage()

    await sendForm()

    await panel(page).getByText('Call 7').waitFor()
    await panel(page).getByText('Seven Locks Canal Trust').waitFor()
    await chosen(page, 'Mara Okafor').waitFor()
  })

  it('opens the call even if the event of the person arrives before that of the call', async () => {
    const page = await fake.openPage()

    await fake.putPerson(visitorKnown)
    await row(page, 'Mara Okafor').waitFor()
    await fake.addCall(seventh)

    await panel(page).getByText('Call 7').waitFor()
  })

  it('announces it to screen readers', async () => {
    const page = await fake.openPage()

    await sendForm()

    await page.locator('[aria-live=polite]', { hasText: 'Mara Okafor became known.' }).waitFor({ state: 'attached' })
  })

  it('keeps the open call if "Follow" is off', async () => {
    const page = await fake.openPage()
    await page.getByRole('switch', { name: 'Follow' }).click()

    await sendForm()

    await row(page, 'Mara Okafor').waitFor()
    expect(await panel(page).getByText('Call 5').count()).toBe(1)
    expect(await chosen(page, 'Ana Lima').count()).toBe(1)
  })

  it('opens the call of the selected visitor even if "Follow" is off', async () => {
    const page = await fake.openPage()
    await page.getByRole('switch', { name: 'Follow' }).click()
    await page.getByRole('button', { name: 'Visitor 7731' }).click()

    await sendForm()

    await panel(page).getByText('Call 7').waitFor()
  })

  it('opens the call below the line in a narrow window', async () => {
    const page = await fake.openPage(PHONE)

    await sendForm()

    await page.locator('people-list call-panel').getByText('Call 7').waitFor()
  })
})

describe('a call', () => {
  it('shows request and reply, one element per line, with the signature masked', async () => {
    fake.data.details[5]!.request = fake.data.details[5]!.request.replace(
      '••••••••••••',
      '275482698c811283885025c1004238581cb1ff56',
    )
    const page = await fake.openPage()

    await panel(page).getByRole('heading', { name: 'Reply' }).waitFor()

    const lines = await panel(page).locator('xml-text .line').allTextContents()
    const text = lines.map((line) => line.trim())
    expect(text).toContain('<requestSignature>••••••••</requestSignature>')
    expect(text).toContain('<attrValue>Porto do Sul</attrValue>')
    expect(text).toContain('<status>CREATED</status>')
    expect(await page.content()).not.toContain('275482698c81')
  })

  it.each([
    ['AuthenticationHeader', 'Identifies the caller'],
    ['requestSignature', 'HMAC-SHA1'],
    ['requestTimestamp', '20016'],
    ['MktowsContextHeader', 'Only syncLead'],
    ['leadRecord', 'The person'],
    ['leadAttributeList', 'The values of the form'],
    ['returnLead', 'so it is false'],
    ['marketoCookie', 'Munchkin cookie'],
    ['syncStatus', 'The result for this lead'],
  ])('explains the element %s on focus and on hover', async (name, words) => {
    const page = await fake.openPage()
    const part = panel(page).getByRole('button', { name, exact: true }).first()
    const note = panel(page).locator('.note')

    await part.focus()
    expect(await note.textContent()).toContain(words)
    await part.blur()
    expect(await note.textContent()).not.toContain(words)
    await part.hover()

    expect(await note.textContent()).toContain(words)
    expect(await part.evaluate((button) => button.ariaDescribedByElements?.[0]?.textContent)).toContain(words)
  })

  it('that failed is red in the log, with its code, and the code is explained', async () => {
    const page = await fake.openPage()
    const failed = page.locator('call-log').getByRole('button', { name: '20105' })
    const accent = await page
      .locator('call-log .ok')
      .first()
      .evaluate((mark) => getComputedStyle(mark).fill)

    await failed.click()
    await panel(page).getByRole('button', { name: 'code', exact: true }).focus()

    expect(await panel(page).locator('.note').textContent()).toContain('a name that Marketo does not know')
    const red = await failed.locator('.cross').evaluate((mark) => getComputedStyle(mark).stroke)
    expect(red).not.toBe(accent)
    expect(await panel(page).getByRole('heading', { level: 2 }).textContent()).toContain('20105')
  })

  it('that failed is a mark on the line of its person', async () => {
    const page = await fake.openPage()

    const mark = row(page, 'Ana Lima').getByRole('button', { name: 'Failed: 20023' })
    await mark.waitFor()
    await mark.click()

    await panel(page).getByText('Call 4').waitFor()
    await chosen(page, 'Ana Lima').waitFor()
  })

  it('shows text that looks like markup as text', async () => {
    fake.data.details[5]!.response =
      '<html><body onload="globalThis.ran=1"><img src=x onerror="globalThis.ran=1"><p>502</body></html>'
    const page = await fake.openPage()

    await panel(page).getByText('onerror').waitFor()

    expect(await panel(page).locator('img').count()).toBe(0)
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false)
  })

  it('of REST is shown with its address and its JSON, whose properties are explained', async () => {
    fake.data.details[5] = {
      status: 200,
      request: 'POST /rest/v1/leads.json\nContent-Type: application/json\n\n{"input":[{"email":"ana@acme.example"}]}',
      response: '{"requestId":"5#1","success":true,"result":[{"id":7,"status":"created"},{"id":8,"status":"updated"}]}',
    }
    const page = await fake.openPage()

    await panel(page).getByRole('button', { name: 'input', exact: true }).focus()

    expect(await panel(page).locator('.note').textContent()).toContain('up to 300')
    const [request] = await panel(page).locator('xml-text').all()
    const lines = await request?.locator('.line').allTextContents()
    expect(lines?.map((line) => line.trim())).toEqual([
      'POST /rest/v1/leads.json',
      'Content-Type: application/json',
      '{',
      expect.stringMatching(/^"\s*input\s*": \[$/),
      '{',
      expect.stringMatching(/^"\s*email\s*": "ana@acme.example"$/),
      '}',
      ']',
      '}',
    ])
    expect(await panel(page).getByRole('heading', { level: 2 }).textContent()).toContain('1 created, 1 updated')
  })

  it('that is no longer stored is shown with a message', async () => {
    fake.data.details = {}
    const page = await fake.openPage()

    await panel(page).getByText('no longer stored').waitFor()
  })
})

describe('a person', () => {
  it('is shown with all visits and attributes once selected', async () => {
    const page = await fake.openPage()

    await row(page, "Zoë O'Brien").locator('.label').click()

    const details = row(page, "Zoë O'Brien").locator('person-details')
    expect(await details.getByRole('listitem').allTextContents()).toHaveLength(5)
    const company = details.locator('dt', { hasText: 'Company' }).locator('xpath=following-sibling::dd[1]')
    expect(await company.textContent()).toBe('O’Brien & <Söhne> "😀"')
  })

  it('has a tooltip with title, path and time at each visit', async () => {
    const page = await fake.openPage()

    await row(page, 'Visitor 7512').getByRole('img', { name: 'The forecast' }).hover()

    expect(await row(page, 'Visitor 7512').locator('.tip').allTextContents()).toEqual([
      expect.stringMatching(/The forecast\s*\/forecast\s*12:40:31/),
    ])
  })

  it('is reachable by the arrow keys, and so is every mark on the line', async () => {
    const page = await fake.openPage()
    await page.getByRole('button', { name: 'Visitor 7731' }).focus()

    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')

    const tip = row(page, 'Visitor 7512').locator('.tip')
    expect(await tip.textContent()).toContain('The forecast')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await chosen(page, 'Visitor 7512').waitFor()
  })

  it('is at the top of the list after the first visit', async () => {
    const page = await fake.openPage()

    await fake.putPerson({
      ...zoe,
      id: 1007,
      known: false,
      email: null,
      attributes: {},
      cookies: ['id:1&token:_mch-a-1-9f3c'],
    })

    await page.getByRole('button', { name: 'Visitor 9f3c' }).waitFor()
    expect(await page.locator('person-row .name').first().textContent()).toBe('Visitor 9f3c')
  })
})

describe('a filter', () => {
  it.each([
    ['Everybody', ['Visitor 7731', 'Visitor 7090', 'Visitor 7512', 'Jonas Petersen', "Zoë O'Brien", 'Ana Lima']],
    ['Known', ['Jonas Petersen', "Zoë O'Brien", 'Ana Lima']],
    ['Anonymous', ['Visitor 7731', 'Visitor 7090', 'Visitor 7512']],
    ['Form', ["Zoë O'Brien", 'Ana Lima']],
    ['Fault', ['Ana Lima']],
  ])('"%s" shows the people of that kind', async (name, names) => {
    const page = await fake.openPage()
    await row(page, 'Ana Lima').getByRole('button', { name: 'Failed: 20023' }).waitFor()

    await page.getByText(name, { exact: false }).and(page.locator('.kind')).click()

    await vi.waitFor(async () => expect(await page.locator('person-row .name').allTextContents()).toEqual(names))
  })

  it('by words shows the matching people, or a message with a button that removes the filter', async () => {
    const page = await fake.openPage()

    await page.getByRole('searchbox').fill('harbour master')
    await vi.waitFor(async () => expect(await page.locator('person-row').count()).toBe(1))
    await page.getByRole('searchbox').fill('nobody at all')
    await page.getByText('Nobody here matches “nobody at all”.').waitFor()
    await page.getByRole('button', { name: 'Show everybody' }).click()

    await vi.waitFor(async () => expect(await page.locator('person-row').count()).toBe(6))
    expect(await page.getByRole('searchbox').inputValue()).toBe('')
  })

  it('by faults shows only failed calls in the log', async () => {
    const page = await fake.openPage()

    await page.locator('.kind.fault').click()

    await vi.waitFor(async () => expect(await page.locator('call-log .call').count()).toBe(2))
  })
})

describe('the header', () => {
  it('shows the limits and their use', async () => {
    const page = await fake.openPage()

    const today = page.getByRole('meter', { name: 'Today' })
    expect(await today.getAttribute('aria-valuenow')).toBe('1204')
    expect(await today.getAttribute('aria-valuemax')).toBe('10000')
    await fake.publish('limits', { ...sampleData().limits, used: { last20s: 100, now: 1, today: 1205 } })

    await page.getByText('100 of 100').waitFor()
  })

  it('shows a lost connection, and the page loads missed data once it is back', async () => {
    const page = await fake.openPage()
    fake.down = true
    await fake.breakStreams()
    await page.getByText('Disconnected since 14:12:30').waitFor()
    fake.data.people = [ana, visitorKnown]
    fake.down = false

    await page.getByText('Live', { exact: true }).waitFor()

    await row(page, 'Mara Okafor').waitFor()
    expect(await page.locator('person-row').count()).toBe(2)
  })
})

describe('with an empty simulator, the page', () => {
  it('explains in three steps what to do', async () => {
    fake.data = { ...fake.data, people: [], calls: [] }

    const page = await fake.openPage()

    await page.getByRole('heading', { name: 'Nobody has come yet.' }).waitFor()
    expect(await page.getByRole('listitem').getByRole('heading').allTextContents()).toEqual([
      expect.stringContaining('Open the site'),
      expect.stringContaining('Send its form'),
      expect.stringContaining('Come back and look'),
    ])
    expect(await page.getByRole('link').count()).toBe(0)
  })

  it('links to the site if its URL is known', async () => {
    fake.data = { ...fake.data, people: [], calls: [] }
    fake.site = 'http://localhost:8080/'

    const page = await fake.openPage()

    expect(await page.getByRole('link', { name: 'Open the site' }).getAttribute('href')).toBe('http://localhost:8080/')
  })

  it('shows the list once the first visitor arrives', async () => {
    fake.data = { ...fake.data, people: [], calls: [] }
    const page = await fake.openPage()

    await fake.putPerson(sampleData().people[5]!)

    await page.getByRole('button', { name: 'Visitor 7731' }).waitFor()
    expect(await page.getByText('Nobody has come yet.').count()).toBe(0)
  })

  it('shows the three steps again after a reset', async () => {
    const page = await fake.openPage()

    await fake.publish('reset', null)

    await page.getByRole('heading', { name: 'Nobody has come yet.' }).waitFor()
  })
})
