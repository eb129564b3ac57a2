/**
 * Stand-ins for consent tools, written from their documentation, which the tests of the widget put on the page. They are as
 * strict as the tools: they refuse calls that are not documented, and what they return cannot be changed.
 */

/** What a visitor does at the banner of a tool. */
export interface ConsentTool {
  /** The tool is loaded, and the visitor is asked. */
  ask(): void
  grant(): void
  deny(): void
  /** The tool is loaded where nobody has to be asked. */
  exempt(): void
  /** The tool is loaded, and throws at each call or access. */
  fail(): void
  /** Takes it off the page. */
  remove(): void
}

type Page = Record<string, unknown>

const page = window as unknown as Page

function put(names: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(names)) page[name] = value
}

function take(...names: string[]): void {
  for (const name of names) Reflect.deleteProperty(window, name)
}

function fails(): never {
  throw new Error('the tool failed')
}

/** When the visitor decided at the banners that tell it. */
export const DECIDED_AT = '2026-10-05T06:07:08Z'

const decidedAt = new Date(DECIDED_AT)

/** Returns a TC string's first fields (version 2, created and last updated, as of the specification), and others after them. */
function tcString(): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const time = (decidedAt.getTime() / 100).toString(2).padStart(36, '0')
  const bits = `${(2).toString(2).padStart(6, '0')}${time}${time}`
  return `${bits.replace(/.{6}/g, (six) => digits[Number.parseInt(six, 2)]!)}AbAAAENAPCAAOAAA.IFoEUQQgAIQwgIwQABAE`
}

export const TC_STRING = tcString()

/** A tool of the TCF, version 2.2. Its stub keeps calls until the tool is loaded. */
export function tcfTool(): ConsentTool & { stub(): void; listeners(): number } {
  type Listener = (data: object | null, success: boolean) => void
  const listeners = new Map<number, Listener>()
  const queue: unknown[][] = []
  let data: Record<string, unknown> | undefined

  const tell = (id: number): void => listeners.get(id)!(Object.freeze({ ...data, listenerId: id }), true)
  const change = (next: Record<string, unknown>): void => {
    data = next
    put({ __tcfapi: api })
    for (const call of queue.splice(0)) api(...(call as Parameters<typeof api>))
    for (const id of listeners.keys()) tell(id)
  }
  function api(command: string, version: number, callback: Listener, parameter?: unknown): void {
    if (typeof callback !== 'function') throw new TypeError('callback is no function')
    if (version !== 2) return callback(null, false)
    if (command === 'addEventListener') {
      const id = listeners.size + 1
      listeners.set(id, callback)
      tell(id)
    } else if (command === 'removeEventListener') {
      ;(callback as unknown as (success: boolean) => void)(listeners.delete(parameter as number))
    } else callback(null, false)
  }
  const applies = (eventStatus: string, isGranted: boolean): void => {
    const consents = Object.freeze({ 1: isGranted, 2: isGranted, 3: isGranted, 4: false })
    const purpose = Object.freeze({ consents, legitimateInterests: { 2: true } })
    const vendor = Object.freeze({ consents: Object.freeze({ 264: isGranted, 10: false }), legitimateInterests: {} })
    // Type 0 forbids the purpose to the vendor, 1 requires consent.
    const publisher = Object.freeze({ consents: {}, restrictions: { 2: { 264: 1 }, 3: { 264: 0 } } })
    const common = { tcString: TC_STRING, tcfPolicyVersion: 4, cmpId: 10, cmpVersion: 1, cmpStatus: 'loaded' }
    change({ ...common, gdprApplies: true, eventStatus, isServiceSpecific: true, purpose, vendor, publisher })
  }
  return {
    stub: () => put({ __tcfapi: (...call: unknown[]) => void queue.push(call) }),
    ask: () => applies('cmpuishown', false),
    grant: () => applies('useractioncomplete', true),
    deny: () => applies('useractioncomplete', false),
    exempt: () => change({ gdprApplies: false, tcfPolicyVersion: 4, cmpId: 10, cmpVersion: 1 }),
    fail: () => put({ __tcfapi: fails }),
    remove: () => take('__tcfapi'),
    listeners: () => listeners.size,
  }
}

/** Commands of Consent Mode in `dataLayer`, as `gtag` pushes them. */
export function gtagCommands(): ConsentTool {
  const push = (...command: unknown[]): void => {
    const dataLayer = (page.dataLayer ??= []) as unknown[]
    // `gtag` pushes its `arguments`, which are like an array and are none.
    dataLayer.push(Object.assign({ length: command.length }, command))
  }
  const state = (value: string): object => ({ ad_storage: value, analytics_storage: value, ad_user_data: value })
  return {
    ask() {
      push('js', new Date())
      push('consent', 'default', { ...state('denied'), wait_for_update: 500 })
      ;(page.dataLayer as unknown[]).push({ event: 'gtm.js' }, null, 'consent')
    },
    grant: () => push('consent', 'update', state('granted')),
    deny: () => push('consent', 'update', state('denied')),
    exempt: () => push('consent', 'default', state('granted')),
    fail: () => Object.defineProperty(window, 'dataLayer', { configurable: true, get: fails }),
    remove: () => take('dataLayer', 'google_tag_data'),
  }
}

/** The state that Google's script keeps of the commands. */
export function googleState(): ConsentTool {
  const put = (entry: { default?: boolean; update?: boolean }): void => {
    const entries = Object.freeze({ ad_storage: Object.freeze(entry), analytics_storage: Object.freeze(entry) })
    page.google_tag_data = { ics: { entries, active: true, usedUpdate: 'update' in entry } }
  }
  return {
    ask: () => put({ default: false }),
    grant: () => put({ default: false, update: true }),
    deny: () => put({ default: true, update: false }),
    exempt: () => put({ default: true }),
    fail: () => Object.defineProperty(window, 'google_tag_data', { configurable: true, get: fails }),
    remove: () => take('dataLayer', 'google_tag_data'),
  }
}

/** OneTrust. Until it is loaded, its object may have the visitor's country alone. */
export function oneTrust(): ConsentTool {
  const load = (groups: string, isClosed: boolean, model: string, notice = true): void =>
    put({
      OnetrustActiveGroups: groups,
      OneTrust: Object.freeze({
        IsAlertBoxClosed: () => isClosed,
        GetDomainData: () => ({ ShowAlertNotice: notice, ConsentModel: { Name: model }, Groups: [] }),
        OnConsentChanged: () => {},
      }),
    })
  return {
    ask: () => load(',C0001,', false, 'opt-in'),
    grant: () => load(',C0001,C0002,C0004,', true, 'opt-in'),
    deny: () => load(',C0001,C0002,', true, 'opt-in'),
    exempt: () => load(',C0001,C0002,C0004,', false, 'opt-out'),
    fail: () => put({ OnetrustActiveGroups: ',C0001,C0004,', OneTrust: { IsAlertBoxClosed: fails } }),
    remove: () => take('OneTrust', 'OnetrustActiveGroups'),
  }
}

/** Cookiebot. Its properties are read-only. */
export function cookieBot(): ConsentTool {
  const load = (marketing: boolean, method: string | null, isDeclined = false): void => {
    const consent = { necessary: true, preferences: false, statistics: marketing, marketing, method, stamp: 'x' }
    const consented = method !== null && !isDeclined
    const state = { consented, declined: isDeclined, hasResponse: consented || isDeclined, doNotTrack: false }
    put({ Cookiebot: Object.freeze({ ...state, consent: Object.freeze(consent), consentUTC: method && decidedAt }) })
  }
  return {
    ask: () => load(false, null),
    grant: () => load(true, 'explicit'),
    deny: () => load(false, 'explicit', true),
    exempt: () => load(true, 'implied'),
    fail: () => put({ Cookiebot: { consent: {}, get hasResponse() { return fails() } } }), // prettier-ignore
    remove: () => take('Cookiebot'),
  }
}

/** Usercentrics, version 3, which answers by promises, and dispatches an event when a decision has changed. */
export function usercentrics3(): ConsentTool {
  let details: object
  const load = (state: string, type: string, required: boolean): void => {
    const consent = { status: 'SOME_ACCEPTED', type, required, updatedAt: decidedAt.getTime(), version: 1 }
    details = { consent, services: {}, categories: { essential: { state: 'ALL_ACCEPTED' }, marketing: { state } } }
    put({ __ucCmp: Object.freeze({ getConsentDetails: async () => structuredClone(details) }) })
    window.dispatchEvent(new CustomEvent('UC_CONSENT', { detail: structuredClone(details) }))
  }
  return {
    ask: () => load('ALL_DENIED', 'IMPLICIT', true),
    grant: () => load('ALL_ACCEPTED', 'EXPLICIT', true),
    deny: () => load('SOME_ACCEPTED', 'EXPLICIT', true),
    exempt: () => load('ALL_ACCEPTED', 'IMPLICIT', false),
    fail: () => put({ __ucCmp: { getConsentDetails: () => Promise.reject(new Error('the tool failed')) } }),
    remove: () => take('__ucCmp'),
  }
}

/** Usercentrics, version 2. Its functions fail until it is initialized. */
export function usercentrics2(): ConsentTool {
  const load = (status: boolean, type: string, required: boolean): void => {
    const service = (categorySlug: string, given: boolean) => ({
      id: categorySlug,
      categorySlug,
      consent: { status: given, history: [{ action: 'onInitialPageLoad', type, status: given, timestamp: 1 }] },
    })
    const services = [service('essential', true), service('marketing', true), service('marketing', status)]
    put({
      UC_UI: Object.freeze({
        isInitialized: () => true,
        isConsentRequired: () => required,
        getServicesBaseInfo: () => structuredClone(services),
      }),
    })
    window.dispatchEvent(new CustomEvent('UC_UI_INITIALIZED'))
  }
  return {
    ask: () => load(false, 'implicit', true),
    grant: () => load(true, 'explicit', false),
    deny: () => load(false, 'explicit', false),
    exempt: () => load(true, 'implicit', false),
    fail: () => put({ UC_UI: { isInitialized: () => false, getServicesBaseInfo: fails } }),
    remove: () => take('UC_UI'),
  }
}
