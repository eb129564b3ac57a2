/** The rules `disposable` and `free-mail`: what kind of provider an address belongs to. */
import type { Finding, Guard } from './guard.ts'

/** Loads the domains of providers of disposable addresses. */
export type LoadDomains = () => Promise<ReadonlySet<string>>

/** Creates the guard. The list is loaded with the first post. */
export function createDisposable(load: LoadDomains): Guard {
  let domains: ReadonlySet<string> | undefined
  return {
    rule: 'disposable',
    examine: ({ lead }) =>
      domains ? find(domains, lead.email) : load().then((loaded) => find((domains = loaded), lead.email)),
  }
}

function find(domains: ReadonlySet<string>, email: string): Finding | undefined {
  // A provider may give away addresses below its domain.
  for (let domain = domainOf(email); domain !== ''; domain = parentOf(domain)) {
    if (domains.has(domain)) return { reason: 'the address is of a provider of disposable addresses' }
  }
  return undefined
}

/** Large providers of free addresses. The list is short on purpose: a small provider may be somebody's company. */
const FREE_MAIL: ReadonlySet<string> = new Set(
  (
    '126.com 163.com aol.com arcor.de bigpond.com bluewin.ch btinternet.com comcast.net email.de fastmail.com free.fr ' +
    'freenet.de gmail.com googlemail.com hushmail.com icloud.com inbox.lv inbox.ru interia.pl laposte.net libero.it ' +
    'list.ru mac.com mail.com mail.de mail.ru me.com msn.com naver.com o2.pl onet.pl orange.fr pm.me posteo.de ' +
    'proton.me protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr ' +
    'sina.com t-online.de terra.com.br tutanota.com uol.com.br verizon.net virgilio.it wanadoo.fr web.de wp.pl ' +
    'ya.ru yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com'
  ).split(' '),
)

/** Providers with a domain in many countries. */
const FREE_MAIL_BRAND = /^(?:gmx|hotmail|live|outlook|yahoo)\.(?:[a-z]{2,3}\.)?[a-z]{2,3}$/

/** The guard of addresses that anybody gets for free, also many visitors. */
export const freeMail: Guard = {
  rule: 'free-mail',
  examine({ lead }) {
    const domain = domainOf(lead.email)
    const isFree = FREE_MAIL.has(domain) || FREE_MAIL_BRAND.test(domain)
    return isFree ? { reason: 'the address is of a provider of free addresses' } : undefined
  },
}

/** Returns the domain above another one; an empty text above the last one. */
function parentOf(domain: string): string {
  const dot = domain.indexOf('.')
  return dot < 0 ? '' : domain.slice(dot + 1)
}

function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase()
}
