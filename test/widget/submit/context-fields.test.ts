import { afterEach, describe, expect, it, vi } from 'vitest'
import { userEvent } from 'vitest/browser'
import { fakeRelay, fieldsOf, renderForm } from '../../support/widget-page.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1374552656411-90718'

afterEach(() => {
  Reflect.deleteProperty(document, 'cookie')
  Reflect.deleteProperty(document, 'referrer')
  delete window.Munchkin
})

/** Presses the button and returns the fields that the relay receives. */
async function sendForm(fields?: string, attributes?: string): Promise<Record<string, string>> {
  const relay = fakeRelay('202')
  const { button, waitForState } = renderForm(relay, fields, attributes)
  button.click()
  await waitForState('sent')
  return fieldsOf((await relay.requests())[0])
}

/** Replaces `document.cookie`: real cookies would affect other tests. */
function stubCookies(read: () => string): void {
  Object.defineProperty(document, 'cookie', { configurable: true, get: read })
}

describe('context fields', () => {
  it('contain page, query and referrer as they are at the submit', async () => {
    const before = location.href
    Object.defineProperty(document, 'referrer', { configurable: true, value: 'https://search.example/' })
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(relay)

    history.replaceState(null, '', '/pilot?utm_source=mail&q=a%20b#form')
    button.click()
    history.replaceState(null, '', before)
    await waitForState('sent')

    expect(fieldsOf((await relay.requests())[0])).toMatchObject({
      _page: `${location.origin}/pilot`,
      _query: 'utm_source=mail&q=a%20b',
      _referrer: 'https://search.example/',
    })
  })

  it('are left out if they are empty', async () => {
    Object.defineProperty(document, 'referrer', { configurable: true, value: '' })
    stubCookies(() => '')

    const fields = await sendForm()

    expect(fields).not.toHaveProperty('_referrer')
    expect(fields).not.toHaveProperty('_visitor')
  })

  it('keep the values that the page has set', async () => {
    stubCookies(() => `_mkto_trk=${COOKIE}`)

    const fields = await sendForm(
      '<input type=hidden name=_page value="https://acme.example/own"><input type=hidden name=_visitor value="">' +
        '<input type=hidden name=_next value="https://acme.example/thanks"><button>Send</button>',
    )

    expect(fields).toMatchObject({
      _page: 'https://acme.example/own',
      _visitor: '',
      _next: 'https://acme.example/thanks',
    })
  })

  it('contain the time from the first interaction of the visitor to the submit', async () => {
    const relay = fakeRelay('202')
    const { form, button, find, waitForState } = renderForm(relay)
    const times: number[] = []
    find('input').dispatchEvent(new Event('input', { bubbles: true }))
    form.addEventListener('focusin', ({ timeStamp }) => times.push(timeStamp))
    form.addEventListener('submit', ({ timeStamp }) => times.push(timeStamp))

    await userEvent.fill(find('input'), 'zoe@harbour.example')
    button.click()
    await waitForState('sent')

    const elapsed = Math.round(times.at(-1)! - times[0]!)
    expect(elapsed).toBeGreaterThan(0)
    // The fields are read within the submit event.
    expect(Number(fieldsOf((await relay.requests())[0])._elapsed) - elapsed).toBeLessThan(1000)
    expect(Number(fieldsOf((await relay.requests())[0])._elapsed)).toBeGreaterThanOrEqual(elapsed)
  })

  it('contain no time if the form was not touched', async () => {
    expect(await sendForm()).not.toHaveProperty('_elapsed')
  })
})

describe('the visitor field', () => {
  it('has the cookie that Munchkin creates on request', async () => {
    let written = ''
    stubCookies(() => written)
    window.Munchkin = { createTrackingCookie: (force) => void (written = force ? `_mkto_trk=${COOKIE}` : '') }

    expect((await sendForm())._visitor).toBe(COOKIE)
  })

  it('has the cookie even if Munchkin’s script throws', async () => {
    stubCookies(() => `_mkto_trk=${encodeURIComponent(COOKIE)}`)
    window.Munchkin = {
      createTrackingCookie: () => {
        throw new Error('blocked')
      },
    }

    expect((await sendForm())._visitor).toBe(COOKIE)
  })

  it('is repeated for each cookie, first that of the account in munchkin-id', async () => {
    const other = 'id:999-XYZ-999&token:_mch-acme.example-1374552656411-1'
    stubCookies(() => `_mkto_trk=${other}; _mkto_trk=${COOKIE}`)
    const relay = fakeRelay('202')
    const { button, waitForState } = renderForm(relay, undefined, 'munchkin-id="123-abc-456"')

    button.click()
    await waitForState('sent')

    const [request] = await relay.requests()
    expect(new URLSearchParams(request!.body).getAll('_visitor')).toEqual([COOKIE, other])
  })

  it.each([
    ['has the cookie of a Munchkin that is loading', 3, COOKIE, 3],
    ['is left out if Munchkin has written no cookie after 300 ms', 99, undefined, 6],
  ])('%s', async (_, written, expected, count) => {
    const relay = fakeRelay('202')
    const { element, button, pauses, waitForState } = renderForm(
      relay,
      '<script type=x src=https://munchkin.example/munchkin.js></script><button>Send</button>',
    )
    stubCookies(() => (pauses.length >= written ? `_mkto_trk=${COOKIE}` : ''))

    button.click()
    const during = element.state
    await waitForState('sent')

    expect(during).toBe('sending')
    expect(pauses).toEqual(Array(count).fill(50))
    expect(fieldsOf((await relay.requests())[0])._visitor).toBe(expected)
  })

  it('is left out after an opt-out, and no cookie is created', async () => {
    stubCookies(() => `mkto_opt_out=true; _mkto_trk=${COOKIE}`)
    const createTrackingCookie = vi.fn<(force: boolean) => void>()
    window.Munchkin = { createTrackingCookie }

    expect(await sendForm()).not.toHaveProperty('_visitor')
    expect(createTrackingCookie).not.toHaveBeenCalled()
  })
})
