/**
 * What `/munchkin.js` does in a page: the same cookie, the same functions, the same reports as Marketo's own script.
 *
 * The text of this one function is what is served, so everything it needs stands inside it, and it uses nothing that
 * Node or a build would have to put beside it.
 */

/** The parts of a window that it touches. */
export interface MunchkinPage {
  document: Pick<Document, 'cookie' | 'referrer' | 'title'> & { readonly currentScript: { src?: string } | null }
  location: Pick<Location, 'hostname' | 'port' | 'pathname' | 'protocol' | 'search' | 'href'>
  navigator: { sendBeacon?: (url: string) => boolean }
  fetch?: (url: string, init: RequestInit) => Promise<unknown>
  Image: new () => { src: string }
  Munchkin?: Munchkin
}

export interface Munchkin {
  /** Names the account, keeps the cookie alive and reports the visit. */
  init(munchkinId: string, options?: MunchkinOptions): void
  /** Writes the cookie; `force` does so too where `cookieAnon` forbids it. */
  createTrackingCookie(force?: boolean): void
  munchkinFunction(name: string, data?: { url?: string; params?: string }): void
}

export interface MunchkinOptions {
  /** True: `init` reports no visit. */
  apiOnly?: boolean
  /** False: no cookie for a visitor who has none. */
  cookieAnon?: boolean
  cookieLifeDays?: number
  /** How many labels of the host's name the cookie is for. */
  domainLevel?: number
  /** True: the cookie goes over HTTPS only. */
  httpsOnly?: boolean
  /** The page's name in reports. */
  customName?: string
}

export function installMunchkin(page: MunchkinPage): void {
  if (page.Munchkin) return
  const { document, location, navigator } = page
  const reports = new URL('webevents/visitWebPage', document.currentScript?.src ?? location.href).href
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
      // Ours alone: the journeys show it.
      _mchTi: document.title,
    })
    send(`${reports}?${report}`)
  }

  /** None of these waits for an answer or needs a preflight, and the first two outlive the page. */
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
    // An IPv6 address has characters that a token has not.
    const host = (cookieDomain() || location.hostname).replace(/[^A-Za-z0-9.-]/g, '')
    return `_mch-${host}-${Date.now()}-${random}`
  }

  function readCookie(name: string): string {
    const cookie = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${name}=`))
    return cookie === undefined ? '' : cookie.slice(name.length + 1)
  }

  /** Raw, never percent-encoded. */
  function writeCookie(name: string, value: string, seconds: number): void {
    const domain = cookieDomain()
    const parts = [`${name}=${value}`, 'path=/', `max-age=${seconds}`]
    if (domain !== '') parts.push(`domain=.${domain}`)
    if (settings.httpsOnly) parts.push('secure')
    document.cookie = parts.join('; ')
  }

  /**
   * The second-level domain, which sub-domains share. As the real one, it takes any top-level domain of two letters for
   * one like `.uk`, under which names have three parts. A single label or an IP address has no domain.
   */
  function cookieDomain(): string {
    const host = location.hostname
    if (!host.includes('.') || /^[\d.]+$/.test(host)) return ''
    const labels = host.split('.')
    const level = settings.domainLevel ?? (/\.[a-z]{2}$/i.test(host) ? 3 : 2)
    return labels.slice(-level).join('.')
  }
}
