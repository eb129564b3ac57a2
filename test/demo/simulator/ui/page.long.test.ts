/** Tests of the built journeys page in a real browser. */
import type { Locator, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeSimulator, sampleData } from './fake-simulator.ts'
import { ana, crowd, seventh, visitorKnown, zoe } from './sample-data.ts'

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

/** Opens the call that made Ana known, the second of the log. */
async function openKnownCall(page: Page): Promise<void> {
  await page.locator('call-log').getByRole('button', { name: 'Ana Lima became known' }).click()
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

  it('tells it in a sentence, behind which stands the call', async () => {
    const page = await fake.openPage()

    await sendForm()

    await page
      .locator('call-log')
      .getByRole('button', { name: 'Mara Okafor became known; 4 earlier visits joined, back to “Tidewater”' })
      .click()
    await panel(page).getByText('Seven Locks Canal Trust').waitFor()
    await chosen(page, 'Mara Okafor').waitFor()
  })

  it('says how far back the person is known', async () => {
    const page = await fake.openPage()

    await sendForm()

    await row(page, 'Mara Okafor').getByText('known 4 min back').waitFor()
  })

  it('announces it to screen readers', async () => {
    const page = await fake.openPage()

    await sendForm()

    await page.locator('[aria-live=polite]', { hasText: 'Mara Okafor became known.' }).waitFor({ state: 'attached' })
  })

  it('opens the call below the line in a narrow window', async () => {
    const page = await fake.openPage(PHONE)
    await sendForm()
    await row(page, 'Mara Okafor').locator('.label').click()

    await row(page, 'Mara Okafor').getByRole('button', { name: 'Show the call' }).click()

    await page.locator('people-list call-panel').getByText('Call 7').waitFor()
  })
})

describe('what comes while somebody reads', () => {
  const newcomer = {
    ...zoe,
    id: 1007,
    known: false,
    email: null,
    attributes: {},
    cookies: ['id:1&token:_mch-a-1-9f3c'],
  }
  const names = (page: Page): Promise<string[]> => page.locator('person-row .name').allTextContents()

  it('is counted, and shown once the reader asks for it, the newest conversion on top', async () => {
    const page = await fake.openPage()
    await row(page, "Zoë O'Brien").locator('.label').click()
    const before = await names(page)

    await fake.putPerson(newcomer)
    await sendForm()
    await page.getByRole('button', { name: '2 new' }).waitFor()

    expect(await names(page)).toEqual(before.map((name) => (name === 'Visitor 7731' ? 'Mara Okafor' : name)))
    expect(await page.locator('call-log .call').count()).toBe(6)
    await page.getByRole('button', { name: '2 new' }).click()
    await vi.waitFor(async () => expect((await names(page))[0]).toBe('Mara Okafor'))
    expect(await names(page)).toContain('Visitor 9f3c')
    expect(await page.locator('call-log .call').count()).toBe(7)
    expect(await page.getByRole('button', { name: /\d new/ }).count()).toBe(0)
    expect(await page.evaluate(() => scrollY)).toBe(0)
  })

  it('moves nothing: neither the page nor a row', async () => {
    fake.data = { ...fake.data, people: crowd(60), calls: [] }
    const page = await fake.openPage()
    await page.mouse.wheel(0, 1500)
    await page.waitForFunction(() => scrollY === 1500)
    const top = (): Promise<number> =>
      page.evaluate(() => document.querySelector('journeys-page')!.getBoundingClientRect().top)
    const before = [await top(), await names(page)]

    for (let id = 5000; id < 5012; id++)
      await fake.putPerson({ ...newcomer, id, cookies: [`id:1&token:_mch-a-1-${id}`] })
    await page.getByRole('button', { name: '12 new' }).waitFor()

    expect([await top(), await names(page)]).toEqual(before)
  })

  it('is shown at once when the reader comes back to the window', async () => {
    const page = await fake.openPage()
    await row(page, "Zoë O'Brien").locator('.label').click()
    const show = (state: string): Promise<void> =>
      page.evaluate((state) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)

    await show('hidden')
    await fake.putPerson(newcomer)
    // It has come before the reader does.
    await row(page, 'Visitor 9f3c').waitFor()
    await show('visible')

    expect(await row(page, 'Visitor 9f3c').count()).toBe(1)
    expect(await page.getByRole('button', { name: /\d new/ }).count()).toBe(0)
  })
})

describe('a call', () => {
  it('shows request and reply, one element per line, with the signature masked', async () => {
    fake.data.details[5]!.request = fake.data.details[5]!.request.replace(
      '••••••••••••',
      '275482698c811283885025c1004238581cb1ff56',
    )
    const page = await fake.openPage()
    await openKnownCall(page)

    await panel(page).getByRole('heading', { name: 'Reply' }).waitFor()

    const lines = await panel(page).locator('xml-text .line').allTextContents()
    const text = lines.map((line) => line.trim())
    expect(text).toContain('<requestSignature>••••••••</requestSignature>')
    expect(text).toContain('<attrValue>Porto do Sul</attrValue>')
    expect(text).toContain('<status>CREATED</status>')
    expect(await page.content()).not.toContain('275482698c81')
  })

  it('explains its elements on focus and on hover', async () => {
    const page = await fake.openPage()
    await openKnownCall(page)
    const note = panel(page).locator('.note')
    const explanations = Object.entries({
      AuthenticationHeader: 'Identifies the caller',
      requestSignature: 'HMAC-SHA1',
      requestTimestamp: '20016',
      MktowsContextHeader: 'Only syncLead',
      leadRecord: 'The person',
      leadAttributeList: 'The values of the form',
      returnLead: 'so it is false',
      marketoCookie: 'Munchkin cookie',
      syncStatus: 'The result for this lead',
    })

    for (const [name, words] of explanations) {
      const part = panel(page).getByRole('button', { name, exact: true }).first()
      await page.mouse.move(0, 0)
      await part.focus()
      expect(await note.textContent(), name).toContain(words)
      await part.blur()
      expect(await note.textContent(), name).not.toContain(words)
      await part.hover()

      expect(await note.textContent(), name).toContain(words)
      expect(await part.evaluate((button) => button.ariaDescribedByElements?.[0]?.textContent)).toContain(words)
    }
  })

  it('that failed is red in the log, its reason first, and the code is explained', async () => {
    const page = await fake.openPage()
    const failed = page
      .locator('call-log')
      .getByRole('button', { name: 'Lead attribute bad: syncLead failed, code 20105' })
    const accent = await page
      .locator('call-log .write')
      .first()
      .evaluate((mark) => getComputedStyle(mark).stroke)

    await failed.click()
    await panel(page).getByRole('button', { name: 'code', exact: true }).focus()

    expect(await panel(page).locator('.note').textContent()).toContain('a name that Marketo does not know')
    const red = await failed.locator('.cross').evaluate((mark) => getComputedStyle(mark).stroke)
    expect(red).not.toBe(accent)
    expect(await panel(page).getByRole('heading', { level: 2 }).textContent()).toContain('20105')
  })

  it('that failed is a mark on the line of its person', async () => {
    const page = await fake.openPage()

    const mark = row(page, 'Ana Lima').getByRole('button', { name: 'Failed: Rate limit exceeded' })
    await mark.waitFor()
    await mark.click()

    await panel(page).getByText('Call 4').waitFor()
    await chosen(page, 'Ana Lima').waitFor()
  })

  it('shows text that looks like markup as text', async () => {
    fake.data.details[5]!.response =
      '<html><body onload="globalThis.ran=1"><img src=x onerror="globalThis.ran=1"><p>502</body></html>'
    const page = await fake.openPage()
    await openKnownCall(page)

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
    await openKnownCall(page)

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

  it('returns the focus to its sentence when it is closed', async () => {
    const page = await fake.openPage()
    await openKnownCall(page)

    await panel(page).getByRole('button', { name: 'Close call 5' }).press('Enter')

    await page.locator('call-log .call[data-number="5"]:focus').waitFor()
    expect(await panel(page).count()).toBe(0)
  })

  it('that is no longer stored is shown with a message', async () => {
    fake.data.details = {}
    const page = await fake.openPage()
    await openKnownCall(page)

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
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')

    const tip = row(page, 'Visitor 7512').locator('.tip')
    expect(await tip.textContent()).toContain('The forecast')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    await chosen(page, 'Visitor 7512').waitFor()
  })

  it('is below the newest conversion after the first visit', async () => {
    const page = await fake.openPage()

    await fake.putPerson({
      ...zoe,
      id: 1007,
      known: false,
      email: null,
      attributes: {},
      activities: [{ type: 'visit', at: '2026-11-23T14:12:00.000Z', url: 'https://tidewater.example/' }],
      cookies: ['id:1&token:_mch-a-1-9f3c'],
    })

    await page.getByRole('button', { name: 'Visitor 9f3c' }).waitFor()
    expect((await page.locator('person-row .name').allTextContents()).slice(0, 2)).toEqual(['Ana Lima', 'Visitor 9f3c'])
  })
})

describe('a filter', () => {
  it.each([
    ['Everybody', ['Ana Lima', 'Visitor 7731', 'Visitor 7512', 'Jonas Petersen', "Zoë O'Brien", 'Visitor 7090']],
    ['Known', ['Ana Lima', 'Jonas Petersen', "Zoë O'Brien"]],
    ['Anonymous', ['Visitor 7731', 'Visitor 7512', 'Visitor 7090']],
    ['Sent a form', ['Ana Lima', "Zoë O'Brien"]],
    ['Failed calls', ['Ana Lima']],
  ])('"%s" shows the people of that kind', async (name, names) => {
    const page = await fake.openPage()
    await row(page, 'Ana Lima').getByRole('button', { name: 'Failed: Rate limit exceeded' }).waitFor()

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

  it('by faults agrees with the number of failed calls, and tells which concern nobody', async () => {
    const page = await fake.openPage()
    await row(page, 'Ana Lima').getByRole('button', { name: 'Failed: Rate limit exceeded' }).waitFor()

    await page.locator('.kind.fault').click()

    await page.getByText('1 failed call concerns nobody who is listed here.').waitFor()
    expect(await page.locator('.kind.fault .count').textContent()).toBe('2')
    expect(await page.locator('call-log .sum b').textContent()).toBe('2 failed')
    expect(await page.locator('person-row .mark[aria-label^="Failed"]').count()).toBe(1)
  })
})

describe('the header', () => {
  it('shows the limits and their use', async () => {
    const page = await fake.openPage()

    const today = page.getByRole('meter', { name: 'API calls today' })
    expect(await today.getAttribute('aria-valuenow')).toBe('1204')
    expect(await today.getAttribute('aria-valuemax')).toBe('10000')
    await fake.publish('limits', { ...sampleData().limits, used: { last20s: 100, now: 1, today: 1205 } })

    await page.getByText('100 of 100').waitFor()
  })

  it('says in one sentence what the page is', async () => {
    const page = await fake.openPage()

    const what = await page.locator('.what').textContent()

    expect(what?.replaceAll(/\s+/g, ' ').trim()).toBe(
      'A Marketo on this machine: each line is a visitor. Grey: nobody knows who. Orange: now you know, back to the first page.',
    )
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

describe('the list of calls', () => {
  it('tells how many earlier calls it does not have', async () => {
    fake.data.calls = fake.data.calls.map((call) => ({ ...call, number: call.number + 4000 }))

    const page = await fake.openPage()

    await page.getByText('4,000 earlier calls are not listed here. See /sim/calls.').waitFor()
  })
})

describe('the page', () => {
  it('writes nothing to the console, and each of its requests is answered', async () => {
    const page = await fake.openPage()
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(error.message))
    page.on('response', (response) => response.status() >= 400 && noise.push(`${response.status()} ${response.url()}`))

    await page.reload()
    await openKnownCall(page)
    await panel(page).getByRole('heading', { name: 'Reply' }).waitFor()
    await page.evaluate(() => fetch('favicon.ico'))

    expect(noise).toEqual([])
  })
})

describe('with an empty simulator, the page', () => {
  it('explains in three steps what to do', async () => {
    fake.data = { ...fake.data, people: [], calls: [] }

    const page = await fake.openPage()

    await page.getByRole('heading', { name: 'Nobody has come yet.' }).waitFor()
    expect(await page.getByRole('listitem').getByRole('heading').allTextContents()).toEqual([
      expect.stringContaining('Paste two lines into a page'),
      expect.stringContaining('Call this Marketo'),
      expect.stringContaining('Come back and look'),
    ])
    expect(await page.locator('pre').allTextContents()).toEqual([
      `<script src="${fake.url}munchkin.js"></script>\n<script>Munchkin.init('123-ABC-456')</script>`,
      `${fake.url}rest\n${fake.url}soap/mktows/3_1`,
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
