/** Serves `/munchkin.js` and the address to which it reports visits, for pages of any origin. Knows no API call. */
import { Hono, type Context } from 'hono'
import { readBody } from '../request-body.ts'
import { publishPeople, type Marketo, type SimulatorEnv } from '../marketo.ts'
import { readCookie } from '../people/cookie.ts'
import { recordVisit, type Visit } from '../people/record-visit.ts'
import { installMunchkin } from './script.ts'

const MAX_BODY_BYTES = 64 * 1024

/** Longer values of a parameter are cut. */
const MAX_PARAMETER_CHARS = 4_096

export function munchkinRoutes(marketo: Marketo): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>()
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
    const body = await readBody(c.req.raw, MAX_BODY_BYTES)
    if (body instanceof Response) return body
    const report = new URLSearchParams(body)
    for (const [name, value] of new URL(c.req.url).searchParams) report.set(name, value)
    return recordReport(c, marketo, report)
  })
  return app
}

/** Answers 204 if the visit was recorded. The script ignores the answer; the messages are for debugging. */
function recordReport(c: Context<SimulatorEnv>, marketo: Marketo, report: URLSearchParams): Response {
  const { account, people, now } = marketo
  if (report.get('_mchId') !== account.munchkinId)
    return c.text(`Unknown Munchkin id (_mchId). This account has ${account.munchkinId}.`, 400)
  const cookie = readCookie(`id:${account.munchkinId}&token:${report.get('_mchTk') ?? ''}`)
  if (!cookie) return c.text('Invalid Munchkin token (_mchTk). It must be the token of a _mkto_trk cookie.', 400)
  const visit = readVisit(report)
  if (!visit) return c.text('Invalid page address (_mchHo, _mchPo, _mchRu, _mchPc). It must be an HTTP URL.', 400)

  recordVisit(people, cookie, visit, now())
  publishPeople(marketo)
  return c.body(null, 204)
}

function readVisit(report: URLSearchParams): Visit | undefined {
  const get = (name: string): string => (report.get(name) ?? '').slice(0, MAX_PARAMETER_CHARS)
  const [host, port, path, query] = [get('_mchHo'), get('_mchPo'), get('_mchRu'), get('_mchQp')]
  if (!/^[\w.:[\]-]+$/.test(host)) return undefined
  const protocol = get('_mchPc') || (port === '' || port === '443' ? 'https:' : 'http:')
  const url = webAddress(`${protocol}//${host}${port && `:${port}`}/${path.replace(/^\//, '')}${query && `?${query}`}`)
  if (url === '') return undefined
  return { url, title: get('_mchCn') || get('_mchTi'), referrer: webAddress(get('_mchRe')) }
}

/** Normalises an HTTP URL. Returns an empty string for anything else. */
function webAddress(text: string): string {
  if (!URL.canParse(text)) return ''
  const { protocol, href } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? href : ''
}
