import { afterEach, describe, expect, it, vi } from 'vitest'
import { fieldsOf, place, show } from '../../support/widget-page.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1374552656411-90718'

afterEach(() => {
  Reflect.deleteProperty(document, 'cookie')
  Reflect.deleteProperty(document, 'referrer')
  delete window.Munchkin
})

/** The fields that arrive when the button is pressed. */
async function sent(fields?: string, attributes?: string): Promise<Record<string, string>> {
  const relay = place('202')
  const { button, reaches } = show(relay, fields, attributes)
  button.click()
  await reaches('sent')
  return fieldsOf((await relay.seen())[0])
}

/** The page's cookies; a page of its own would be needed to set real ones without disturbing other tests. */
function cookies(read: () => string): void {
  Object.defineProperty(document, 'cookie', { configurable: true, get: read })
}

describe('where the visitor stands', () => {
  it('tells page, query and where they came from as they are at the submit', async () => {
    const before = location.href
    Object.defineProperty(document, 'referrer', { configurable: true, value: 'https://search.example/' })
    const relay = place('202')
    const { button, reaches } = show(relay)

    history.replaceState(null, '', '/pilot?utm_source=mail&q=a%20b#form')
    button.click()
    history.replaceState(null, '', before)
    await reaches('sent')

    expect(fieldsOf((await relay.seen())[0])).toMatchObject({
      _page: `${location.origin}/pilot`,
      _query: 'utm_source=mail&q=a%20b',
      _referrer: 'https://search.example/',
    })
  })

  it('tells nothing rather than a blank', async () => {
    Object.defineProperty(document, 'referrer', { configurable: true, value: '' })
    cookies(() => '')

    const fields = await sent()

    expect(fields).not.toHaveProperty('_referrer')
    expect(fields).not.toHaveProperty('_visitor')
  })

  it('keeps what the page itself says under such a name', async () => {
    cookies(() => `_mkto_trk=${COOKIE}`)

    const fields = await sent(
      '<input type=hidden name=_page value="https://acme.example/own"><input type=hidden name=_visitor value="">' +
        '<input type=hidden name=_next value="https://acme.example/thanks"><button>Send</button>',
    )

    expect(fields).toMatchObject({
      _page: 'https://acme.example/own',
      _visitor: '',
      _next: 'https://acme.example/thanks',
    })
  })

  it('measures from the first touch to the submit', async () => {
    const relay = place('202')
    const { form, find, reaches } = show(relay)
    const touch = new Event('input', { bubbles: true })
    const submit = new SubmitEvent('submit', { bubbles: true, cancelable: true })
    Object.defineProperty(touch, 'timeStamp', { value: 1000 })
    Object.defineProperty(submit, 'timeStamp', { value: 5250.4 })

    find('input').dispatchEvent(touch)
    find('input').dispatchEvent(new Event('input', { bubbles: true }))
    form.dispatchEvent(submit)
    await reaches('sent')

    expect(fieldsOf((await relay.seen())[0])._elapsed).toBe('4250')
  })

  it('tells no time when the form was never touched', async () => {
    expect(await sent()).not.toHaveProperty('_elapsed')
  })
})

describe('the visitor', () => {
  it('is named by the cookie, which Munchkin is asked for first', async () => {
    let written = ''
    cookies(() => written)
    window.Munchkin = { createTrackingCookie: (force) => void (written = force ? `_mkto_trk=${COOKIE}` : '') }

    expect((await sent())._visitor).toBe(COOKIE)
  })

  it('is named although Munchkin’s script fails', async () => {
    cookies(() => `_mkto_trk=${encodeURIComponent(COOKIE)}`)
    window.Munchkin = {
      createTrackingCookie: () => {
        throw new Error('blocked')
      },
    }

    expect((await sent())._visitor).toBe(COOKIE)
  })

  it('is named by the cookie of the page’s account where there are several', async () => {
    cookies(() => `_mkto_trk=id:999-XYZ-999&token:_mch-acme.example-1374552656411-1; _mkto_trk=${COOKIE}`)

    expect((await sent(undefined, 'munchkin-id="123-ABC-456"'))._visitor).toBe(COOKIE)
  })

  it('who opted out is neither named nor given a cookie', async () => {
    cookies(() => `mkto_opt_out=true; _mkto_trk=${COOKIE}`)
    const createTrackingCookie = vi.fn<(force: boolean) => void>()
    window.Munchkin = { createTrackingCookie }

    expect(await sent()).not.toHaveProperty('_visitor')
    expect(createTrackingCookie).not.toHaveBeenCalled()
  })
})
