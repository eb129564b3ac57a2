import { describe, expect, it } from 'vitest'
import { createSite } from '../../../demo/site/index.ts'

const OPTIONS = {
  relay: 'http://localhost:8787',
  journeys: 'http://localhost:8090',
  munchkinId: '123-ABC-456',
}
const PAGES = ['/', '/forecast', '/pricing', '/pilot', '/thanks']

describe('the demo site', () => {
  it.each(PAGES)('answers %s with a whole page in British English', async (path) => {
    const response = await createSite(OPTIONS).request(path)

    const page = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en-GB">/)
    expect(page.match(/<h1[ >]/g)).toHaveLength(1)
    expect(page.match(/<title>[^<]{4,60} – Tidewater<\/title>/g)).toHaveLength(1)
    expect(page).toMatch(/<meta name="description" content="[^"]{50,160}"/)
  })

  it('gives every page its own title', async () => {
    const site = createSite(OPTIONS)

    const pages = await Promise.all(PAGES.map(async (path) => (await site.request(path)).text()))

    expect(new Set(pages.map((page) => page.match(/<title>(.*?)<\/title>/)?.[1])).size).toBe(PAGES.length)
  })

  it('answers an unknown address with a 404 page in the layout of the site', async () => {
    const response = await createSite(OPTIONS).request('/chart/7')

    expect(response.status).toBe(404)
    expect(await response.text()).toContain('Nothing is charted here.')
  })

  it('redirects an address with a trailing slash to the page', async () => {
    const response = await createSite(OPTIONS).request('/pricing/')

    expect(response.status).toBe(301)
    expect(new URL(response.headers.get('location')!, 'http://localhost').pathname).toBe('/pricing')
  })

  it.each([...PAGES, '/chart/7'])('loads Munchkin with the id of the account on %s', async (path) => {
    const page = await (await createSite(OPTIONS).request(path)).text()

    expect(page).toContain('script.src = "http://localhost:8090/munchkin.js"')
    expect(page).toContain('Munchkin.init("123-ABC-456")')
  })

  it('has the form inside the two lines that a developer pastes', async () => {
    const page = await (await createSite(OPTIONS).request('/pilot')).text()

    expect(page).toMatch(
      /<script type="module" src="http:\/\/localhost:8787\/form-sync\.js"><\/script>\s*<form-sync theme="plain"\s*>\s*<form id="contact" method="post" action="http:\/\/localhost:8787\/f\/contact">/,
    )
    expect(page).not.toContain('slot="sent"')
  })

  it('leads from the form that was sent to what Marketo knows now', async () => {
    const page = await (await createSite(OPTIONS).request('/thanks')).text()

    expect(page).toMatch(/<a class="button" href="http:\/\/localhost:8090\/">See what Marketo knows now<\/a>/)
  })

  it('accepts base addresses with a trailing slash', async () => {
    const site = createSite({ ...OPTIONS, relay: 'http://localhost:8787/', journeys: 'http://localhost:8090/' })

    const page = await (await site.request('/pilot')).text()

    expect(page).toContain('action="http://localhost:8787/f/contact"')
    expect(page).toContain('"http://localhost:8090/munchkin.js"')
  })

  it('escapes a Munchkin id that would end the script', async () => {
    const site = createSite({ ...OPTIONS, munchkinId: '</script><script>alert(1)</script>' })

    const page = await (await site.request('/')).text()

    expect(page).not.toContain('alert(1)</script>')
    expect(page).toContain('\\u003c/script>')
  })

  it('throws at the start if an address is invalid', () => {
    expect(() => createSite({ ...OPTIONS, relay: 'localhost' })).toThrow('Invalid URL')
  })
})

describe('the headers of the demo site', () => {
  it.each([...PAGES, '/chart/7'])('allow %s to load from the site, the relay and the simulator only', async (path) => {
    const { headers } = await createSite(OPTIONS).request(path)

    const policy = Object.fromEntries(
      headers
        .get('content-security-policy')!
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
    ) as Record<string, string[]>
    const allowed = [`'self'`, 'http://localhost:8787', 'http://localhost:8090']
    expect(policy['default-src']).toEqual([`'none'`])
    expect(policy['script-src']).toEqual([...allowed, expect.stringMatching(/^'sha256-[\w+/]{43}='$/)])
    expect(policy['connect-src']).toEqual(allowed)
    expect(policy['img-src']).toEqual(allowed)
    expect(policy['style-src']).toEqual([`'self'`])
    expect(policy['form-action']).toEqual([`'self'`, 'http://localhost:8787'])
    expect(policy['base-uri']).toEqual([`'none'`])
    expect(policy['frame-ancestors']).toEqual([`'none'`])
  })

  it.each(['/', '/chart/7'])('protect %s from content sniffing and limit its referrer', async (path) => {
    const { headers } = await createSite(OPTIONS).request(path)

    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin')
  })

  it('make the browser revalidate a page by its ETag', async () => {
    const site = createSite(OPTIONS)
    const first = await site.request('/')

    const again = await site.request('/', { headers: { 'If-None-Match': first.headers.get('etag')! } })

    expect(first.headers.get('cache-control')).toBe('no-cache')
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  it.each([
    ['style sheet', /href="(\/tidewater\.[0-9a-f]{8}\.css)"/, 'text/css; charset=utf-8'],
    ['icon', /href="(\/tidewater\.[0-9a-f]{8}\.svg)"/, 'image/svg+xml'],
  ])('allow the browser to keep the %s, whose address has a hash, for a year', async (_, link, type) => {
    const site = createSite(OPTIONS)
    const page = await (await site.request('/')).text()

    const { status, headers } = await site.request(page.match(link)![1]!)

    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})
