/** What the widget sends of a visitor by their decision about tracking, for each consent tool, in a real browser. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConsentSetting } from '../../../widget/consent/answer.ts'
import * as tools from '../../support/consent-tools.ts'
import { fakeRelay, fieldsOf, nextEvent, renderForm, type RenderedForm } from '../../support/widget-page.ts'

const COOKIE = 'id:123-ABC-456&token:_mch-acme.example-1374552656411-90718'
const VISIT = { _visitor: COOKIE, _query: 'utm_source=mail', _referrer: 'https://search.example/' }
const CLOSED = `OptanonAlertBoxClosed=${tools.DECIDED_AT}`

const before = location.href
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
let time: ReturnType<typeof virtualTime>
/** How long the visitor waited until the form was sent, in ms. */
let waited: number

beforeEach(() => {
  warn.mockClear()
  time = virtualTime()
  Object.defineProperty(document, 'cookie', { configurable: true, get: () => `_mkto_trk=${COOKIE}; ${CLOSED}` })
  Object.defineProperty(document, 'referrer', { configurable: true, value: 'https://search.example/' })
  history.replaceState(null, '', '/pilot?utm_source=mail')
})

afterEach(() => {
  Reflect.deleteProperty(document, 'cookie')
  Reflect.deleteProperty(document, 'referrer')
  Reflect.deleteProperty(navigator, 'globalPrivacyControl')
  history.replaceState(null, '', before)
})

/** A clock that takes no time: the earliest wait ends when nothing else is to be done. */
function virtualTime(): { now: () => number; wait: (ms: number) => Promise<void> } {
  let now = 0
  const waits: { end: number; done: () => void }[] = []
  const next = (): void => {
    const [first] = waits.toSorted((a, b) => a.end - b.end)
    waits.splice(waits.indexOf(first!), 1)
    now = first!.end
    first!.done()
  }
  return {
    now: () => now,
    wait: (ms) =>
      new Promise((done) => {
        waits.push({ end: now + ms, done })
        setTimeout(next)
      }),
  }
}

/** Shows a form with a consent setting, when the part that follows it is loaded. */
async function render(
  consent: ConsentSetting,
  fields?: string,
  reply = '202',
): Promise<RenderedForm & { press: () => Promise<Record<string, string>> }> {
  const relay = fakeRelay(reply)
  const attribute = typeof consent === 'string' && consent ? `consent="${consent}"` : ''
  const form = renderForm(relay, fields, attribute)
  const { fetch } = form.element.globals
  form.element.globals = {
    ...form.element.globals,
    wait: time.wait,
    fetch(...request) {
      waited = time.now()
      return fetch(...request)
    },
  }
  if (typeof consent !== 'string') form.element.consent = consent
  await form.element.updateComplete
  // The same module as the element's, and asked for later.
  await import('../../../widget/consent/watch.ts')
  await new Promise((loaded) => setTimeout(loaded))
  let posts = 0
  const press = async (): Promise<Record<string, string>> => {
    const sent = nextEvent(form.element, 'form-sync-sent')
    form.element.state = 'idle'
    form.button.click()
    await sent
    return fieldsOf((await relay.requests())[posts++])
  }
  return { ...form, press }
}

/** Returns the fields that tell the decision. */
function decisionIn(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name.startsWith('_consent')))
}

function expectNoVisit(fields: Record<string, string>): void {
  for (const name of Object.keys(VISIT)) expect(fields).not.toHaveProperty(name)
  expect(fields).toMatchObject({ Email: 'zoe@harbour.example', _page: `${location.origin}/pilot` })
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

const ADS = 'ad_storage'
const TOOLS: [name: string, source: string, make: () => tools.ConsentTool, granted: object, denied: object][] = [
  ['TCF 2.2', 'tcf', tools.tcfTool, dated(tools.TC_STRING), dated(tools.TC_STRING)],
  ['gtag commands', 'google', tools.gtagCommands, { detail: `${ADS}=granted` }, { detail: `${ADS}=denied` }],
  ['Google’s script', 'google', tools.googleState, { detail: `${ADS}=granted` }, { detail: `${ADS}=denied` }],
  ['OneTrust', 'onetrust', tools.oneTrust, dated('C0001,C0002,C0004'), dated('C0001,C0002')],
  ['Cookiebot', 'cookiebot', tools.cookieBot, dated('necessary,statistics,marketing'), dated('necessary')],
  ['Usercentrics 3', 'usercentrics', tools.usercentrics3, dated('marketing=ALL_ACCEPTED'), dated('marketing=SOME_ACCEPTED')], // prettier-ignore
  ['Usercentrics 2', 'usercentrics', tools.usercentrics2, {}, {}],
]

function dated(detail: string): object {
  return { time: tools.DECIDED_AT, detail }
}

describe.each(TOOLS)('by %s', (_, source, make, granted, denied) => {
  let tool: tools.ConsentTool
  beforeEach(() => (tool = make()))
  afterEach(() => tool.remove())

  /** Returns the fields of a decision; the time is that of the tool, or any. */
  const fieldsFor = (decision: string, parts: { time?: string; detail?: string }): object => ({
    _consent: decision,
    _consent_source: source,
    _consent_time: parts.time ?? (expect.stringMatching(TIME) as string),
    ...(parts.detail !== undefined && { _consent_detail: parts.detail }),
  })

  it('a visitor who has agreed is recognised, with the decision, its source and its time', async () => {
    tool.grant()
    const { press } = await render(source)

    const fields = await press()

    expect(fields).toMatchObject(VISIT)
    expect(decisionIn(fields)).toEqual(fieldsFor('granted', granted))
    expect(waited).toBe(0)
  })

  it('a visitor who has refused is not recognised, and the form is sent', async () => {
    tool.deny()
    const { press } = await render(source)

    const fields = await press()

    expectNoVisit(fields)
    expect(decisionIn(fields)).toEqual(fieldsFor('denied', denied))
  })

  it('a visitor who is being asked is not recognised, after 300 ms at most', async () => {
    tool.ask()
    const { press } = await render(source)

    const fields = await press()

    expectNoVisit(fields)
    expect(decisionIn(fields)).toEqual({ _consent: 'unknown' })
    expect(waited).toBe(300)
    expect(warn).not.toHaveBeenCalled()
  })

  it('a visitor who need not be asked is recognised', async () => {
    tool.exempt()
    const { press } = await render(source)

    const fields = await press()

    expect(fields).toMatchObject({ ...VISIT, _consent: 'not-required', _consent_source: source })
  })

  it('each decision counts for what comes after it', async () => {
    tool.ask()
    const { press } = await render(source)

    const decisions: (string | undefined)[] = []
    for (const decide of [tool.ask, tool.grant, tool.deny, tool.grant]) {
      decide()
      const fields = await press()
      decisions.push(`${fields._consent} ${fields._visitor === COOKIE}`)
    }

    expect(decisions).toEqual(['unknown false', 'granted true', 'denied false', 'granted true'])
  })

  it('a decision while the form is sent still counts', async () => {
    tool.ask()
    const { element, press } = await render(source)
    element.addEventListener('form-sync-sending', () => setTimeout(() => tool.grant()))

    expect(await press()).toMatchObject({ ...VISIT, _consent: 'granted' })
  })

  it('a tool that is loaded after the widget is found', async () => {
    const { press } = await render(source)
    tool.grant()

    expect(await press()).toMatchObject({ ...VISIT, _consent: 'granted' })
  })

  it('a tool that fails costs no lead', async () => {
    tool.fail()
    const { press } = await render(source)

    const fields = await press()

    expectNoVisit(fields)
    expect(decisionIn(fields)).toEqual({ _consent: 'unknown' })
  })

  it('the developer is told once that the page does not have it, and what to do', async () => {
    // Told once on a page, and several tools have one name.
    const consent = `${source}:${crypto.randomUUID()}`
    const { press } = await render(consent)

    expectNoVisit(await press())
    expect(await press()).toMatchObject({ _consent: 'unknown' })

    const texts = warn.mock.calls.map(([text]) => String(text))
    expect(texts).toHaveLength(1)
    expect(texts[0]).toContain(`form-sync: The element has consent="${consent}", and the page does not have `)
    expect(texts[0]).toContain('Load it, or change the attribute.')
  })

  it('a post of the browser has what is known at once', async () => {
    tool.grant()
    const { form } = await render(source)

    const granted = Object.fromEntries(new FormData(form))
    tool.deny()
    await new Promise((done) => setTimeout(done))
    const denied = Object.fromEntries(new FormData(form))

    expect(granted).toMatchObject({ ...VISIT, _consent: 'granted' })
    expectNoVisit(denied as Record<string, string>)
    expect(denied).toMatchObject({ _consent: 'denied' })
  })
})

describe('categories', () => {
  it.each([
    ['tcf:1,2', tools.tcfTool, 'granted'],
    ['tcf:1,4', tools.tcfTool, 'denied'],
    ['tcf:1,99', tools.tcfTool, 'denied'],
    ['tcf:1,2,v264', tools.tcfTool, 'granted'],
    ['tcf:1,2,v264,v10', tools.tcfTool, 'denied'],
    ['tcf:1,v999', tools.tcfTool, 'denied'],
    ['tcf:1,3,v264', tools.tcfTool, 'denied'],
    ['onetrust:C0002', tools.oneTrust, 'granted'],
    ['onetrust:c0002,C0005', tools.oneTrust, 'denied'],
    ['cookiebot:statistics,marketing', tools.cookieBot, 'granted'],
    ['cookiebot:preferences', tools.cookieBot, 'denied'],
    ['usercentrics:essential', tools.usercentrics3, 'granted'],
    ['usercentrics:marketin', tools.usercentrics3, 'denied'],
    ['usercentrics:essential,marketing', tools.usercentrics2, 'granted'],
    ['usercentrics:marketin', tools.usercentrics2, 'denied'],
    ['google:ad_storage,ad_user_data', tools.gtagCommands, 'granted'],
    ['google:ad_storage,ad_personalization', tools.gtagCommands, 'unknown'],
  ])('of the attribute are those that must be agreed to: %s', async (consent, make, decision) => {
    const tool = make()
    tool.grant()
    const { press } = await render(consent)

    const fields = await press()
    tool.remove()

    expect(fields._consent).toBe(decision)
    expect(fields._visitor).toBe(decision === 'granted' ? COOKIE : undefined)
  })
})

describe('the TCF', () => {
  it('keeps the calls to its stub until the tool is loaded', async () => {
    const tool = tools.tcfTool()
    tool.stub()
    const { press } = await render('tcf')

    const early = await press()
    tool.grant()
    const late = await press()
    tool.remove()

    expect([early._consent, late._consent]).toEqual(['unknown', 'granted'])
  })

  it('has one listener for all that is sent', async () => {
    const tool = tools.tcfTool()
    tool.ask()
    const { press } = await render('tcf')

    await press()
    await press()
    tool.remove()

    expect(tool.listeners()).toBe(1)
  })

  it('has the last decision while the visitor looks at the banner again', async () => {
    const tool = tools.tcfTool()
    tool.grant()
    const { press } = await render('tcf')
    tool.ask()

    const fields = await press()
    tool.remove()

    expect(fields._consent).toBe('granted')
  })
})

it('a default of Consent Mode for some regions says nothing about this visitor', async () => {
  const tool = tools.gtagCommands()
  window.dataLayer = [['consent', 'default', { ad_storage: 'denied', region: ['DE'] }]]
  tool.exempt()
  const { press } = await render('google')

  const early = await press()
  tool.grant()
  const late = await press()
  tool.remove()

  expect([early._consent, late._consent]).toEqual(['unknown', 'granted'])
})

describe('Global Privacy Control', () => {
  const signal = (value: boolean | undefined): void =>
    void Object.defineProperty(navigator, 'globalPrivacyControl', { configurable: true, value })

  it.each([
    [true, 'denied', undefined],
    [false, 'not-required', COOKIE],
    [undefined, 'not-required', COOKIE],
  ])('is an objection if it is set: %s', async (value, decision, cookie) => {
    signal(value)
    const { press } = await render('gpc')

    const fields = await press()

    expect(fields).toMatchObject({ _consent: decision, _consent_source: 'gpc' })
    expect(fields._visitor).toBe(cookie)
  })

  it.each([
    [true, 'grant', 'denied gpc'],
    [true, 'ask', 'denied gpc'],
    [false, 'grant', 'granted cookiebot'],
    [false, 'deny', 'denied cookiebot'],
    [false, 'ask', 'unknown undefined'],
    [false, 'exempt', 'not-required gpc'],
  ] as const)('of %s beside a tool, where the visitor would %s: %s', async (value, does, expected) => {
    signal(value)
    const tool = tools.cookieBot()
    tool[does]()
    const { press } = await render('gpc cookiebot')

    const fields = await press()
    tool.remove()

    expect(`${fields._consent} ${fields._consent_source}`).toBe(expected)
  })
})

describe('a page that tells the decision itself', () => {
  it.each<[string, ConsentSetting, object, boolean]>([
    ['the attribute granted', 'granted', { _consent: 'granted', _consent_source: 'page' }, true],
    ['the attribute denied', 'denied', { _consent: 'denied', _consent_source: 'page' }, false],
    ['a function', () => 'granted', { _consent: 'granted' }, true],
    ['a function of booleans', () => false, { _consent: 'denied' }, false],
    ['a function with a promise', async () => true, { _consent: 'granted' }, true],
    ['a function without an answer', () => undefined, { _consent: 'unknown' }, false],
    ['a function with a promise that has no answer', () => new Promise(() => {}), { _consent: 'unknown' }, false],
    ['a function that throws', () => JSON.parse('{') as null, { _consent: 'unknown' }, false],
    ['a function that rejects', () => Promise.reject(new Error('no')), { _consent: 'unknown' }, false],
    ['a function with another word', () => 'yes' as 'granted', { _consent: 'unknown' }, false],
    [
      'an object',
      { decision: 'granted', source: 'banner', time: new Date('2026-01-02T03:04:05.678Z'), detail: 'v2' },
      { _consent: 'granted', _consent_source: 'banner', _consent_time: '2026-01-02T03:04:05Z', _consent_detail: 'v2' },
      true,
    ],
    [
      'a function with an object',
      async () => ({ decision: 'denied', source: 'banner' }) as const,
      { _consent: 'denied', _consent_source: 'banner' },
      false,
    ],
    [
      'an object with parts of other types',
      { decision: 'granted', source: 7, detail: {} } as unknown as ConsentSetting,
      { _consent: 'granted', _consent_source: 'page' },
      true,
    ],
    [
      'an object with a time that is none',
      { decision: 'granted', time: Number.NaN },
      { _consent: 'granted', _consent_time: expect.stringMatching(TIME) as string },
      true,
    ],
  ])('uses %s', async (_, consent, expected, isRecognised) => {
    const { press } = await render(consent)

    const fields = await press()

    expect(fields).toMatchObject({ Email: 'zoe@harbour.example', ...expected })
    expect(fields._visitor).toBe(isRecognised ? COOKIE : undefined)
    expect(waited).toBe(fields._consent === 'unknown' ? 300 : waited)
    expect(waited).toBeLessThanOrEqual(300)
  })

  it('may change it at any time', async () => {
    const { element, press } = await render('denied')

    const seen: (string | undefined)[] = [(await press())._visitor]
    element.setAttribute('consent', 'granted')
    seen.push((await press())._visitor)
    element.consent = 'denied'
    seen.push((await press())._visitor)
    element.removeAttribute('consent')
    seen.push((await press())._visitor)

    expect(seen).toEqual([undefined, COOKIE, undefined, COOKIE])
  })

  it('is told of a name that there is not, with those that there are', async () => {
    const { press } = await render('cookybot')

    const fields = await press()

    expectNoVisit(fields)
    expect(warn.mock.calls.map(([text]) => text as string)).toEqual([
      'form-sync: unknown consent "cookybot"; allowed are granted, denied, not-required, tcf, google, onetrust, cookiebot, usercentrics, gpc, with spaces between.',
    ])
  })

  it('is asked by a function when the form is sent, once for each time', async () => {
    const tell = vi.fn(async () => true)
    const { press } = await render(tell)
    expect(tell).not.toHaveBeenCalled()

    await press()
    await press()

    expect(tell).toHaveBeenCalledTimes(2)
  })

  it('is told of an empty attribute, which is no agreement', async () => {
    const { element, press } = await render('granted')
    element.setAttribute('consent', '')

    const fields = await press()

    expectNoVisit(fields)
    expect(warn.mock.calls.map(([text]) => String(text).slice(0, 30))).toEqual(['form-sync: unknown consent "";'])
  })

  it('leaves out a record that is longer than the relay takes, and sends the decision', async () => {
    const { press } = await render({ decision: 'granted', detail: 'x'.repeat(2_001) })

    const fields = await press()

    expect(fields).toMatchObject({ ...VISIT, _consent: 'granted' })
    expect(fields).not.toHaveProperty('_consent_detail')
  })

  it('keeps the time of a decision that it does not date, so that the form sent again is the same', async () => {
    const { press } = await render('granted')
    const first = await press()
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2030, 0))
    const second = await press()
    vi.mocked(Date.now).mockRestore()

    expect(second._consent_time).toBe(first._consent_time)
  })

  it.each([
    ['<input type=hidden name=_consent value=denied><input type=checkbox name=_consent value=granted checked>', true],
    ['<input type=hidden name=_consent value=denied><input type=checkbox name=_consent value=granted>', false],
    ['<input type=hidden name=_consent value=No>', false],
  ])('uses a field of the form first: %s', async (field, isRecognised) => {
    const { press } = await render(
      'granted',
      `<input name=Email value=zoe@harbour.example>${field}<button>Send</button>`,
    )

    const fields = await press()

    expect(fields._visitor).toBe(isRecognised ? COOKIE : undefined)
    expect(fields).not.toHaveProperty('_consent_source')
  })

  it.each(['denied', ' No ', '0'])(
    'says with the value "%s" of a field that there is nothing to send',
    async (value) => {
      const createTrackingCookie = vi.fn()
      window.Munchkin = { createTrackingCookie }
      const { press } = await render(
        null as never,
        `<input name=Email value=zoe@harbour.example><input type=hidden name=_visitor value="${COOKIE}">
       <input type=hidden name=_consent value="${value}"><button>Send</button>`,
      )

      const fields = await press()
      Reflect.deleteProperty(window, 'Munchkin')

      expectNoVisit(fields)
      expect(fields._consent).toBe(value)
      expect(createTrackingCookie).not.toHaveBeenCalled()
    },
  )

  it.each([
    ['at once', (data: FormData) => data.set('_consent', 'denied')],
    ['later', (data: FormData) => Promise.resolve().then(() => data.set('_consent', 'denied'))],
  ])('may refuse %s when it is told that the form is sent, without a source', async (_, refuse) => {
    const { element, press } = await render(null as never)
    element.addEventListener('form-sync-sending', (event) => event.waitUntil(Promise.resolve(refuse(event.data))))

    expectNoVisit(await press())
  })

  it('keeps the cookie from a post of the browser by a field of the form', async () => {
    const { element, form } = await render(
      null as never,
      '<input type=hidden name=_consent value=denied><button>x</button>',
    )

    const posted = new FormData(form)

    expect([posted.get('_id'), posted.has('_visitor')]).toEqual([expect.any(String), false])
    expect(element.consent).toBeNull()
  })

  it('may decide when it is told that the form is sent, whatever a tool tells afterwards', async () => {
    const tool = tools.cookieBot()
    tool.ask()
    const { element, press } = await render('cookiebot')
    element.addEventListener('form-sync-sending', ({ data }) => {
      data.set('_consent', 'denied')
      setTimeout(() => tool.grant())
    })

    const fields = await press()
    tool.remove()

    expectNoVisit(fields)
    expect(fields._consent).toBe('denied')
  })
})

describe('a part that cannot be loaded, or not in time,', () => {
  it('costs no lead: the form is sent without the visit', async () => {
    const relay = fakeRelay('202')
    const { element, button, waitForState } = renderForm(relay)
    element.globals = { ...element.globals, wait: time.wait }
    // The form is sent before the element has begun to load it.
    element.consent = 'granted'
    button.click()
    await waitForState('sent')

    const fields = fieldsOf((await relay.requests())[0])
    expectNoVisit(fields)
    expect(fields).not.toHaveProperty('_consent')
  })
})

it('a page without the attribute is as it was, and asks nobody', async () => {
  const tool = tools.cookieBot()
  tool.deny()
  Object.defineProperty(navigator, 'globalPrivacyControl', { configurable: true, value: true })
  const { press } = await render('')

  const fields = await press()
  tool.remove()

  expect(fields).toMatchObject(VISIT)
  expect(decisionIn(fields)).toEqual({})
})

describe('Munchkin’s script', () => {
  afterEach(() => {
    delete window.Munchkin
    document.querySelector('script[src*=munchkin]')?.remove()
  })

  it('is not asked for a cookie of a visitor who has refused', async () => {
    const createTrackingCookie = vi.fn()
    window.Munchkin = { createTrackingCookie }
    const { press } = await render('denied')

    await press()

    expect(createTrackingCookie).not.toHaveBeenCalled()
  })

  it('is waited for once the visitor has agreed', async () => {
    const script = document.createElement('script')
    script.type = 'text/plain'
    script.src = '/munchkin.js'
    document.head.append(script)
    let cookies = ''
    Object.defineProperty(document, 'cookie', { configurable: true, get: () => cookies })
    const { element, press } = await render('granted')
    element.addEventListener('form-sync-sending', () => setTimeout(() => (cookies = `_mkto_trk=${COOKIE}`)))

    expect((await press())._visitor).toBe(COOKIE)
  })
})
