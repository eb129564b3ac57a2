/** `/munchkin.js`, and the address to which it reports visits. Pages of any origin use both. */
import { Hono, type Context } from 'hono'
import { readBody } from '../request-body.ts'
import { publishPeople, type Carried, type Marketo } from '../marketo.ts'
import { readCookie } from '../people/cookie.ts'
import { recordVisit, type Visit } from '../people/record-visit.ts'
import { installMunchkin } from './script.ts'

/** In bytes; a report by form holds what an address would. */
const LARGEST = 64 * 1024

/** Longer than any address that a browser sends, in characters. */
const LONGEST = 4_096

export function munchkinRoutes(marketo: Marketo): Hono<Carried> {
  const app = new Hono<Carried>()
  const script = `(${installMunchkin.toString()})(window)\n`

  for (const path of ['/munchkin.js', '/webevents/*']) {
    app.use(path, async (c, next) => {
      await next()
      c.header('Access-Control-Allow-Origin', '*')
      c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    })
  }

  app.get('/munchkin.js', (c) =>
    c.body(script, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'public, max-age=300' }),
  )
  app.options('/webevents/*', (c) =>
    c.body(null, 204, { 'Access-Control-Allow-Methods': 'GET, POST', 'Access-Control-Allow-Headers': 'Content-Type' }),
  )
  app.on(['GET', 'POST'], '/webevents/visitWebPage', async (c) => {
    const body = await readBody(c.req.raw, LARGEST)
    if (body instanceof Response) return body
    const report = new URLSearchParams(body)
    for (const [name, value] of new URL(c.req.url).searchParams) report.set(name, value)
    return takeReport(c, marketo, report)
  })
  return app
}

/** 204 for a visit that is kept. The browser reads no answer; the words are for whoever looks why there is no visit. */
function takeReport(c: Context<Carried>, marketo: Marketo, report: URLSearchParams): Response {
  const { account, people, now } = marketo
  if (report.get('_mchId') !== account.munchkinId) return c.text('No account here has this Munchkin id (_mchId).', 400)
  const cookie = readCookie(`id:${account.munchkinId}&token:${report.get('_mchTk') ?? ''}`)
  if (!cookie) return c.text('This is no Munchkin token (_mchTk).', 400)
  const visit = readVisit(report)
  if (!visit) return c.text('The page has no address (_mchHo, _mchPo, _mchRu).', 400)

  recordVisit(people, cookie, visit, now())
  publishPeople(marketo)
  return c.body(null, 204)
}

function readVisit(report: URLSearchParams): Visit | undefined {
  const get = (name: string): string => (report.get(name) ?? '').slice(0, LONGEST)
  const [host, port, path, query] = [get('_mchHo'), get('_mchPo'), get('_mchRu'), get('_mchQp')]
  if (!/^[\w.:[\]-]+$/.test(host)) return undefined
  const protocol = get('_mchPc') || (port === '' || port === '443' ? 'https:' : 'http:')
  const url = webAddress(`${protocol}//${host}${port && `:${port}`}/${path.replace(/^\//, '')}${query && `?${query}`}`)
  if (url === '') return undefined
  return { url, title: get('_mchCn') || get('_mchTi'), referrer: webAddress(get('_mchRe')) }
}

/** The address as a browser would write it; empty for what a browser would not go to. */
function webAddress(text: string): string {
  if (!URL.canParse(text)) return ''
  const { protocol, href } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? href : ''
}
