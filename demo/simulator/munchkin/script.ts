/**
 * Implements the script `/munchkin.js`, with the cookie, functions and reports of Marketo's own script.
 *
 * The source text of `installMunchkin` is served as it is. The function may therefore use no import, no module variable
 * and no helper of a build.
 */

/** The parts of a window that the script uses. */
export interface MunchkinPage {
  document: Pick<Document, 'cookie' | 'referrer' | 'title'> & { readonly currentScript: { src?: string } | null }
  location: Pick<Location, 'hostname' | 'port' | 'pathname' | 'protocol' | 'search' | 'href'>
  navigator: { sendBeacon?: (url: string) => boolean }
  fetch?: (url: string, init: RequestInit) => Promise<unknown>
  Image: new () => { src: string }
  Munchkin?: Munchkin
}

export interface Munchkin {
  /** Sets the account, renews the cookie and reports the visit. */
  init(munchkinId: string, options?: MunchkinOptions): void
  /** Writes the cookie. `force` overrides `cookieAnon: false`. */
  createTrackingCookie(force?: boolean): void
  munchkinFunction(name: string, data?: { url?: string; params?: string }): void
}

export interface MunchkinOptions {
  /** True: `init` reports no visit. */
  apiOnly?: boolean
  /** False: a visitor without a cookie does not get one. */
  cookieAnon?: boolean
  cookieLifeDays?: number
  /** Number of labels of the host name that form the cookie's domain. */
  domainLevel?: number
  /** True: the cookie is sent over HTTPS only. */
  httpsOnly?: boolean
  /** Name of the page in reports. */
  customName?: string
}

export function installMunchkin(page: MunchkinPage): void {
  if (page.Munchkin) return
  const { document, location, navigator } = page
  const reportUrl = new URL('webevents/visitWebPage', document.currentScript?.src ?? location.href).href
  let account = ''
  let settings: MunchkinOptions = {}

  page.Munchkin = {
    init(munchkinId, options) {
      if (account !== '') return
      account = munchkinId
      settings = options ?? {}
      page.Munchkin?.createTrackingCookie(false)
      if (!settings.apiOnly) visit(location.pathname, location.search.slice(1))
    },
    createTrackingCookie(force) {
      if (account === '' || optedOut()) return
      const token = readToken()
      if (token === '' && settings.cookieAnon === false && !force) return
      const days = settings.cookieLifeDays ?? 730
      writeCookie('_mkto_trk', `id:${account}&token:${token || newToken()}`, days * 86_400)
    },
    munchkinFunction(name, data) {
      if (name === 'visitWebPage') visit(data?.url ?? location.pathname, data?.params ?? location.search.slice(1))
    },
  }

  function visit(path: string, query: string): void {
    const token = readToken()
    if (account === '' || token === '' || optedOut()) return
    const report = new URLSearchParams({
      _mchNc: String(Date.now()),
      _mchId: account,
      _mchTk: token,
      _mchHo: location.hostname,
      _mchPo: location.port,
      _mchRu: path,
      _mchPc: location.protocol,
      _mchQp: query,
      _mchRe: document.referrer,
      _mchCn: settings.customName ?? '',
      // An addition of this simulator: the journeys page shows the title.
      _mchTi: document.title,
    })
    send(`${reportUrl}?${report}`)
  }

  /** No method waits for an answer or needs a preflight. The first two complete even if the page is left. */
  function send(url: string): void {
    if (navigator.sendBeacon?.(url)) return
    if (page.fetch) page.fetch(url, { method: 'POST', mode: 'no-cors', keepalive: true }).catch(() => {})
    else new page.Image().src = url
  }

  function optedOut(): boolean {
    if (/[?&]marketo_opt_out=true(&|$)/.test(location.search)) {
      writeCookie('_mkto_trk', '', 0)
      writeCookie('mkto_opt_out', 'true', 730 * 86_400)
      return true
    }
    return readCookie('mkto_opt_out') === 'true'
  }

  function readToken(): string {
    return /token:(_mch-[^&]+)/.exec(readCookie('_mkto_trk'))?.[1] ?? ''
  }

  function newToken(): string {
    const random = 10_000 + Math.floor(Math.random() * 90_000)
    // The characters of an IPv6 address are not allowed in a token.
    const host = (cookieDomain() || location.hostname).replace(/[^A-Za-z0-9.-]/g, '')
    return `_mch-${host}-${Date.now()}-${random}`
  }

  function readCookie(name: string): string {
    const cookie = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${name}=`))
    return cookie === undefined ? '' : cookie.slice(name.length + 1)
  }

  /** Writes the value without percent-encoding, as Marketo does. */
  function writeCookie(name: string, value: string, seconds: number): void {
    const domain = cookieDomain()
    const parts = [`${name}=${value}`, 'path=/', `max-age=${seconds}`]
    if (domain !== '') parts.push(`domain=.${domain}`)
    if (settings.httpsOnly) parts.push('secure')
    document.cookie = parts.join('; ')
  }

  /**
   * Returns the second-level domain, so that sub-domains share the cookie. Like Marketo's script, it treats every
   * top-level domain of two letters like `.uk`, where names have three labels. Empty for a single label or an IP address.
   */
  function cookieDomain(): string {
    const host = location.hostname
    if (!host.includes('.') || /^[\d.]+$/.test(host)) return ''
    const labels = host.split('.')
    const level = settings.domainLevel ?? (/\.[a-z]{2}$/i.test(host) ? 3 : 2)
    return labels.slice(-level).join('.')
  }
}
