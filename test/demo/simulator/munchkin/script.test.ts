import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Munchkin, MunchkinOptions } from '../../../../demo/simulator/munchkin/script.ts'
import { COOKIE, openSimulator, TOKEN } from '../simulator-client.ts'

const TWO_YEARS = 63_072_000

describe('the cookie', () => {
  it('has Marketo’s format, lasts 730 days, and is set for all paths of the second-level domain', async () => {
    const page = await openPage('https://www.acme.example/pricing')

    page.munchkin.init('123-ABC-456')

    expect(page.written).toEqual([
      expect.stringMatching(
        new RegExp(
          `^_mkto_trk=id:123-ABC-456&token:_mch-acme\\.example-\\d{13}-\\d{5}; path=/; max-age=${TWO_YEARS}; domain=\\.acme\\.example$`,
        ),
      ),
    ])
  })

  it.each([
    ['https://acme.com/', 'acme.com'],
    ['https://a.b.acme.com/', 'acme.com'],
    ['https://www.acme.co.uk/', 'acme.co.uk'],
    ['https://www.acme.io/', 'www.acme.io'],
  ])('is set for the same domain as by Marketo’s script: %s', async (address, domain) => {
    const page = await openPage(address)

    page.munchkin.init('123-ABC-456')

    expect(page.written.at(-1)).toContain(`token:_mch-${domain}-`)
    expect(page.written.at(-1)).toContain(`domain=.${domain}`)
  })

  it.each([
    ['http://localhost:8080/', 'localhost'],
    ['http://127.0.0.1:8080/', '127.0.0.1'],
    ['http://[::1]:8080/', '1'],
  ])('has no domain attribute on a host without a domain: %s', async (address, host) => {
    const page = await openPage(address)

    page.munchkin.init('123-ABC-456')

    expect(page.written.at(-1)).toContain(`token:_mch-${host}-`)
    expect(page.written.at(-1)).not.toContain('domain=')
  })

  it('keeps its token and is renewed when the visitor returns', async () => {
    const page = await openPage('https://www.acme.example/', {
      cookie: `a=1; _mkto_trk=id:999-XYZ-999&token:${TOKEN}; b=2`,
    })

    page.munchkin.init('123-ABC-456')

    expect(page.written).toEqual([`_mkto_trk=${COOKIE}; path=/; max-age=${TWO_YEARS}; domain=.acme.example`])
  })

  it.each<[string, MunchkinOptions, string]>([
    ['cookieLifeDays', { cookieLifeDays: 1 }, 'max-age=86400'],
    ['domainLevel', { domainLevel: 3 }, 'domain=.www.acme.example'],
    ['httpsOnly', { httpsOnly: true }, '; secure'],
  ])('follows the option %s', async (_, options, part) => {
    const page = await openPage('https://www.acme.example/')

    page.munchkin.init('123-ABC-456', options)

    expect(page.written.at(-1)).toContain(part)
  })

  it('is not written for an anonymous visitor with cookieAnon false, unless forced', async () => {
    const page = await openPage('https://www.acme.example/')

    page.munchkin.init('123-ABC-456', { cookieAnon: false })
    page.munchkin.createTrackingCookie()
    const before = [...page.written, ...page.sent]
    page.munchkin.createTrackingCookie(true)

    expect(before).toEqual([])
    expect(page.written).toHaveLength(1)
  })

  it('is not written before init', async () => {
    const page = await openPage('https://www.acme.example/')

    page.munchkin.createTrackingCookie(true)

    expect(page.written).toEqual([])
  })
})

describe('opting out', () => {
  it('by the query parameter deletes the cookie, sets the opt-out cookie and reports nothing', async () => {
    const page = await openPage('https://www.acme.example/?a=1&marketo_opt_out=true', { cookie: `_mkto_trk=${COOKIE}` })

    page.munchkin.init('123-ABC-456')
    page.munchkin.munchkinFunction('visitWebPage', { url: '/next' })

    expect(page.written.slice(0, 2)).toEqual([
      '_mkto_trk=; path=/; max-age=0; domain=.acme.example',
      `mkto_opt_out=true; path=/; max-age=${TWO_YEARS}; domain=.acme.example`,
    ])
    expect(page.written.some((cookie) => cookie.includes('token:'))).toBe(false)
    expect(page.sent).toEqual([])
  })

  it('applies to all later pages', async () => {
    const page = await openPage('https://www.acme.example/', { cookie: `mkto_opt_out=true; _mkto_trk=${COOKIE}` })

    page.munchkin.init('123-ABC-456')
    page.munchkin.createTrackingCookie(true)

    expect([...page.written, ...page.sent]).toEqual([])
  })
})

describe('a visit', () => {
  it('is reported with Marketo’s parameter names to the origin of the script', async () => {
    const page = await openPage('https://www.acme.example:8443/pricing?utm_source=x', { cookie: `_mkto_trk=${COOKIE}` })

    page.munchkin.init('123-ABC-456')

    const [method, address = ''] = page.sent[0] ?? []
    const url = new URL(address)
    expect(page.sent).toHaveLength(1)
    expect(method).toBe('beacon')
    expect(url.origin + url.pathname).toBe('http://simulator.example:8090/webevents/visitWebPage')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      _mchNc: expect.stringMatching(/^\d{13}$/) as string,
      _mchId: '123-ABC-456',
      _mchTk: TOKEN,
      _mchHo: 'www.acme.example',
      _mchPo: '8443',
      _mchRu: '/pricing',
      _mchQp: 'utm_source=x',
      _mchRe: 'https://search.example/',
      _mchTi: 'Pricing & more',
    })
  })

  it('is not reported by init with apiOnly, but by visitWebPage', async () => {
    const page = await openPage('https://www.acme.example/', { cookie: `_mkto_trk=${COOKIE}` })

    page.munchkin.init('123-ABC-456', { apiOnly: true })
    const before = page.sent.length
    page.munchkin.munchkinFunction('visitWebPage', { url: '/route', params: 'a=b' })

    const url = new URL(page.sent[0]?.[1] ?? '')
    expect(before).toBe(0)
    expect([url.searchParams.get('_mchRu'), url.searchParams.get('_mchQp')]).toEqual(['/route', 'a=b'])
  })

  it('is reported once if init is called twice', async () => {
    const page = await openPage('https://www.acme.example/')

    page.munchkin.init('123-ABC-456')
    page.munchkin.init('123-ABC-456')

    expect(page.sent).toHaveLength(1)
  })

  it.each([
    ['fetch if sendBeacon returns false', { beacon: false }, 'fetch'],
    ['fetch if there is no sendBeacon', { beacon: undefined }, 'fetch'],
    ['an image if there is neither sendBeacon nor fetch', { beacon: undefined, fetch: false }, 'image'],
  ])('is reported by %s', async (_, setting, expected) => {
    const page = await openPage('https://www.acme.example/', setting)

    page.munchkin.init('123-ABC-456')

    expect(page.sent.map(([method]) => method)).toEqual([expected])
  })

  it('is recorded with URL, title and referrer', async () => {
    const simulator = openSimulator()
    const page = await openPage('https://www.acme.example/pricing?utm_source=x', { cookie: `_mkto_trk=${COOKIE}` })
    page.munchkin.init('123-ABC-456')

    const { pathname, search } = new URL(page.sent[0]?.[1] ?? '')
    const response = await simulator.app.request(pathname + search, { method: 'POST' })

    const [visitor] = await simulator.leads()
    expect(response.status).toBe(204)
    expect(visitor).toMatchObject({
      known: false,
      cookies: [COOKIE],
      activities: [
        {
          type: 'visit',
          url: 'https://www.acme.example/pricing?utm_source=x',
          title: 'Pricing & more',
          referrer: 'https://search.example/',
        },
      ],
    })
  })
})

describe('the script', () => {
  it('does not replace a Munchkin that is already installed', async () => {
    const page = await openPage('https://www.acme.example/')
    const first = page.munchkin

    runInNewContext(page.script, { window: page.window, URL, URLSearchParams })

    expect(page.window.Munchkin).toBe(first)
  })

  it('is served to pages of any origin', async () => {
    const { app } = openSimulator()

    const response = await app.request('/munchkin.js')

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
  })
})

interface Setting {
  cookie?: string
  /** Return value of `sendBeacon`; undefined: there is no such function. */
  beacon?: boolean | undefined
  fetch?: boolean
}

/** Runs the served script in a simulated page, without a browser. */
async function openPage(address: string, setting: Setting = {}) {
  const { app } = openSimulator()
  const script = await (await app.request('/munchkin.js')).text()

  const { hostname, port, pathname, protocol, search, href } = new URL(address)
  const beacon = 'beacon' in setting ? setting.beacon : true
  const jar = new Map((setting.cookie ?? '').split('; ').map((pair) => [pair.split('=')[0] ?? '', pair]))
  const written: string[] = []
  const sent: ['beacon' | 'fetch' | 'image', string][] = []

  const window: Record<string, unknown> & { Munchkin?: Munchkin } = {
    location: { hostname, port, pathname, protocol, search, href },
    document: {
      referrer: 'https://search.example/',
      title: 'Pricing & more',
      currentScript: { src: 'http://simulator.example:8090/munchkin.js' },
      get cookie() {
        return [...jar.values()].join('; ')
      },
      set cookie(text: string) {
        written.push(text)
        const pair = text.split('; ')[0] ?? ''
        const name = pair.split('=')[0] ?? ''
        if (text.includes('max-age=0')) jar.delete(name)
        else jar.set(name, pair)
      },
    },
    navigator: beacon === undefined ? {} : { sendBeacon: (url: string) => beacon && sent.push(['beacon', url]) > 0 },
    Image: class {
      set src(url: string) {
        sent.push(['image', url])
      }
    },
  }
  if (setting.fetch !== false) window['fetch'] = (url: string) => Promise.resolve(sent.push(['fetch', url]))

  runInNewContext(script, { window, URL, URLSearchParams })
  if (!window.Munchkin) throw new Error('The script did not install Munchkin.')
  return { munchkin: window.Munchkin, window, script, written, sent }
}
