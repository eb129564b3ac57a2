/**
 * Defines the element's class: takes over the submit event, keeps the form's state and connects the other files; it does
 * not register itself. It is longer than 200 lines because all state is in this file.
 *
 * The page comes first: the submit event is taken over when every other listener has run, and nodes of the page keep their
 * content. `preventDefault` comes after everything that can throw, so that the browser submits the form itself if the
 * widget fails; the `formdata` event then adds what the widget would have sent. The base class is Lit's ReactiveElement without
 * Lit's templates; the script for pages has a smaller one in its place.
 */
import { ReactiveElement, type PropertyValues } from '@lit/reactive-element'
import type { ConsentSetting } from './consent/answer.ts'
import type { Decide } from './consent/watch.ts'
import type { Mistake } from './diagnosis/diagnose.ts'
import { FormSyncFailedEvent, FormSyncSendingEvent, FormSyncSentEvent } from './events.ts'
import {
  addFieldErrors,
  browserProblem,
  type FieldError,
  isShown,
  removeFieldErrors,
  removeOldErrors,
} from './form/field-errors.ts'
import { type Button, controlsOf, destination, encode, readAnswers, readFields } from './form/fields.ts'
import { readValues, type Values, writeValues } from './form/values.ts'
import { rememberPasswords, takeHeldBack } from './form/held-back.ts'
import { browserGlobals } from './globals.ts'
import { en, type Messages } from './locales/en.ts'
import { addContextFields, isRefused, readPage, readVisit, takeRefused } from './submit/context-fields.ts'
import { type Outcome, send } from './submit/send.ts'
import { type Ticket, ticketOf } from './submit/ticket.ts'
import { awaitVisitors, hasMunchkin } from './visitor/munchkin.ts'
import { createShadowTree, type ShadowTree, styles, updateShadowTree } from './view/shadow-tree.ts'
import { giveBack, hide } from './view/own-place.ts'
import { adoptTheme } from './view/theme.ts'

/** Events of the form. The listeners are on the element, because the page may replace a form inside it at any time. */
const FORM_EVENTS = ['submit', 'formdata', 'invalid', 'pointerdown', 'focusin', 'input', 'change']

/** Matches an element on whose page there may be a mistake. */
const MISTAKES =
  '[theme]:not([theme=plain]),:not([for],[also],:has(form[method=post i][action*="/f/"])),:has([type=file],[type=password],[autocomplete*=cc-])'

/** Longest wait for the visitor's decision about tracking, in ms. */
const MAX_CONSENT_WAIT_MS = 300

/** A filled-in form. It has one id until it was sent, however often it is tried. */
interface Submission {
  /** Address and what the visitor has entered. */
  key: string
  /** A UUID. */
  id: string
}

/** One submit event. Compared by identity, so that a late response to an earlier attempt has no effect. */
interface Attempt extends Submission {
  form: HTMLFormElement
  button: Button | null
}

/**
 * Sends the form inside it to a form-sync relay and shows the visitor the result.
 *
 * @slot - the form, and other content around it
 * @slot sent - replaces the form after it was sent; set `hidden` on it for visitors without JavaScript
 * @slot failed - message for a form that could not be sent; set `hidden` on it as well
 * @slot retry - button that sends the form again, with the page's classes; set `hidden` on it as well
 * @fires form-sync-sending - before the request; cancelable; its `data` may be changed, and `waitUntil` delays it
 * @fires form-sync-sent - after the relay has stored the lead; has the `id`; cancelable, to stay on the page
 * @fires form-sync-failed - after the form could not be sent; has `id`, `reason` and the relay's `problem`
 * @attr for - id or selector of a form that is not inside the element
 * @attr also - sends a copy beside the page's own handler; its value is the address at the relay, by default the form's action
 * @attr debug - shows the state and what would be sent, on the page
 * @attr consent - what tells whether the visitor lets the page recognise them: `cookiebot`, `gpc tcf:1,3`, `granted`
 * @attr theme - `plain` styles the form
 * @attr message-sending - text while the form is being sent; likewise `message-sent`, `-thanks`, `-failed`, `-retry`, `-problem`, `-files`
 * @attr munchkin-id - account whose Munchkin cookie is preferred if the page has several
 * @csspart status - the text during and after the request
 * @csspart summary - the list of fields to correct
 * @csspart failed - the box with the failure message and the retry button
 * @csspart message - the failure message
 * @csspart thanks - the message that replaces the form if the page has no `sent` slot
 * @csspart retry - the button that sends the form again
 * @cssprop --form-sync-accent - with `theme="plain"`: colour of buttons, ticks and focus
 * @cssprop --form-sync-radius - with `theme="plain"`: corner radius
 * @cssprop --form-sync-font - with `theme="plain"`: font family; the page's own by default
 */
export class FormSync extends ReactiveElement {
  static override styles = styles

  static override properties = {
    state: { attribute: false },
    theme: { reflect: true },
    messages: { attribute: false },
    consent: {},
  }

  /** Current state. The attribute follows it and is never read: a copy of the element begins anew. Set it to `idle` to show the form again after it was sent. */
  declare state: 'idle' | 'sending' | 'sent' | 'failed'
  /** `plain` styles the form. Otherwise the form keeps the page's own styles. */
  declare theme: string | undefined
  /** Texts that replace the English ones. */
  declare messages: Partial<Messages> | undefined
  /** What tells whether the visitor lets the page recognise them: sources, a decision or a function. Without it nobody is asked. */
  declare consent: ConsentSetting | null | undefined
  /** @internal */
  globals = browserGlobals

  #tree!: ShadowTree
  #attempt: Attempt | undefined
  #submission: Submission | undefined
  #errors: FieldError[] = []
  /** `timeStamp` of the visitor's first interaction with the form. */
  #touchedAt: number | undefined
  #ticket: Ticket | undefined
  #decide: Decide | undefined
  /** Resolves with true if the visitor may be recognised by the post that is being made. */
  #allowed: Promise<boolean> | undefined
  /** True after a successful attempt if the browser is opening the thanks address. The form stays visible meanwhile. */
  #leaving = false
  #internals: ElementInternals | undefined
  /** The form of `for`. */
  #attached: HTMLFormElement | undefined
  /** The form that was hidden to show the page's thanks. */
  #hidden: HTMLFormElement | null | undefined
  /** True while the widget itself reads the form, which dispatches `formdata`. */
  #isReading = false
  /** The event that tells the result of the last attempt. */
  #result: Promise<FormSyncSentEvent | FormSyncFailedEvent> | undefined
  #setReady!: (element: this) => void
  /** Resolves with the element when it has rendered, and has found its form if that is elsewhere (`for`). */
  readonly ready = new Promise<this>((done) => (this.#setReady = done))

  constructor() {
    super()
    this.state = 'idle'
    this.#listen(this, 'addEventListener')
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.requestUpdate() // The element may have moved into a tree that has not adopted the theme.
    if (this.hasAttribute('for')) {
      // Without this part the browser posts the form.
      import('./attach/attach.ts').then(({ attach }) => attach(this)).catch(() => {})
    }
  }

  #listen(target: EventTarget, method: 'addEventListener' | 'removeEventListener'): void {
    for (const type of FORM_EVENTS) target[method](type, this, type === 'invalid')
  }

  /** The form that the element sends: the first one inside it, or that of `for`. */
  get form(): HTMLFormElement | null {
    return this.#attached ?? this.querySelector('form')
  }

  /**
   * Takes a form that is not inside the element in place of the last one.
   *
   * @internal
   */
  takeForm(form: HTMLFormElement | undefined): void {
    if (this.#attached) this.#listen(this.#attached, 'removeEventListener')
    this.#attached = form
    if (!form) return
    this.#listen(form, 'addEventListener')
    giveBack(form)
    if (!this.#errors[0]) removeOldErrors(form)
    // The places of the page for messages are around this form.
    this.requestUpdate('state')
    this.#setReady(this)
  }

  /** Returns what the form holds and may be sent, by name: a list where a name has several values. */
  values(): Values {
    return this.form ? readValues(this.#read(this.form, null)) : {}
  }

  /** Fills in fields by name, as a visitor would: the page's scripts notice it. Other fields stay as they are. */
  set(values: Values): void {
    if (this.form) writeValues(controlsOf(this.form), values)
  }

  /**
   * Sends the form as a press of its button would; with `also` at once. Returns the event that tells the result, or
   * `undefined` if nothing was sent: a field is not valid, or the page has prevented it.
   */
  async submit(): Promise<FormSyncSentEvent | FormSyncFailedEvent | undefined> {
    const { form } = this
    const last = this.#attempt
    if (form && this.#also !== null) this.#submit(new SubmitEvent('submit'), form)
    else form?.requestSubmit()
    return this.#attempt === last ? undefined : this.#result
  }

  /** Clears the form and its messages. An answer that comes later has no effect on them. */
  reset(): void {
    // A field named "reset" would hide the form's own method.
    if (this.form) HTMLFormElement.prototype.reset.call(this.form)
    this.#errors = removeFieldErrors(this.#errors)
    this.#attempt = this.#submission = this.#touchedAt = undefined
    this.#leaving = false
    this.state = 'idle'
    this.requestUpdate('state')
  }

  get #also(): string | null {
    return this.getAttribute('also')
  }

  /** Returns the address that the form is sent to; `undefined` if that is the browser's business. */
  #url(form: HTMLFormElement, button: Button | null): string | undefined {
    return this.#also ? new URL(this.#also, document.baseURI).href : destination(form, button)
  }

  #read(form: HTMLFormElement, button: Button | null): FormData {
    this.#isReading = true
    try {
      return readFields(form, button)
    } finally {
      this.#isReading = false
    }
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot()
    this.#tree = createShadowTree(root)
    return root
  }

  protected override update(changed: PropertyValues<this>): void {
    super.update(changed)
    if (!this.hasUpdated) removeOldErrors(this)
    this.setAttribute('state', this.state)
    // The page hides slotted content for visitors without JavaScript. From here on the slots decide what is visible.
    for (const child of this.children) if (child.slot) (child as HTMLElement).hidden = false
    if (!this.hasAttribute('for')) this.#setReady(this)
    if (changed.has('state')) this.#render(changed.get('state'))
    if (this.#asks && !this.#decide) this.#watchConsent()
    this.#adorn()
  }

  /** Does what the form works without, so that an error here costs no message. */
  #adorn(): void {
    try {
      if (this.theme === 'plain') adoptTheme(this)
      const { states } = (this.#internals ??= this.attachInternals())
      states.clear()
      states.add(this.state)
      if (!this.hasUpdated && this.matches(MISTAKES)) this.#diagnose()
      if (this.hasAttribute('debug')) import('./debug/show.ts').then(({ show }) => show(this)).catch(() => {})
    } catch {
      // An older browser, or a page that has replaced parts of it.
    }
  }

  /** Loads what tells the developer about mistakes. */
  #diagnose(failure?: Mistake): void {
    import('./diagnosis/diagnose.ts').then(({ diagnose }) => diagnose(this, failure)).catch(() => {})
  }

  /** Loads what follows the visitor's decision. Until it is there, or where it cannot be loaded, nothing is known. */
  #watchConsent(): void {
    const addVisit = (data: FormData): void => addContextFields(data, readVisit(this.#munchkinId))
    const loading = import('./consent/watch.ts').then(
      ({ watchConsent }) => (this.#decide = watchConsent(this, addContextFields, addVisit)),
    )
    this.#decide = (data) =>
      loading.then(
        (decide) => decide(data),
        () => false,
      )
  }

  /** @internal */
  handleEvent(event: Event): void {
    if (event.type === 'submit') this.#awaitListeners(event as SubmitEvent)
    else if (event.type === 'formdata') this.#addContext(event as FormDataEvent)
    else if (event.type === 'invalid') this.#showInvalid(event)
    else this.#handleInteraction(event)
  }

  /**
   * Takes the submit event over when all listeners of the page have run: they may prevent it, and write into fields. If one
   * stops its propagation, the browser submits the form.
   */
  #awaitListeners(event: SubmitEvent): void {
    // The browser does nothing after an event that a script has dispatched.
    if (!event.isTrusted) return
    const form = event.target as HTMLFormElement
    const handle = (last: Event): void => {
      const isTaken = event.defaultPrevented && this.#also === null
      if (last !== event || !form.isConnected) return
      if (isTaken) this.#diagnose({ reason: 'taken' })
      else this.#submit(event, form)
    }
    event.composedPath().at(-1)!.addEventListener('submit', handle, { once: true })
  }

  #submit(event: SubmitEvent, form: HTMLFormElement): void {
    const button = event.submitter as Button | null
    const url = this.#url(form, button)
    if (!url) return

    const isCopy = this.#also !== null
    const last = this.#attempt
    const data = this.#read(form, button)
    const submission = this.#submissionOf(url, form, data)
    const isSame = last?.key === submission.key
    const isBusy = this.state === 'sending' || this.#leaving
    if ((isBusy && (isCopy ? isSame : last?.form === form)) || (this.state === 'sent' && isSame)) {
      if (!isCopy) event.preventDefault()
      return
    }

    this.#addFields(url, data, submission, event.timeStamp)
    const sending = new FormSyncSendingEvent(data)
    const allowed = this.dispatchEvent(sending)
    const outcome = allowed && this.#send(url, data, sending.waits)
    if (!isCopy) event.preventDefault()
    if (!outcome) return

    this.#attempt = { key: submission.key, id: data.get('_id') as string, form, button }
    this.#errors = removeFieldErrors(this.#errors)
    this.#leaving = false
    this.state = 'sending'
    this.#result = this.#finish(this.#attempt, outcome)
  }

  /** Sends the fields: at once, if nothing has to be waited for. */
  #send(url: string, data: FormData, waits: Promise<unknown>[]): Promise<Outcome> {
    const { globals } = this
    const ticket = this.#ticket
    if (ticket?.url === url && ticket.maxWait) {
      const complete = Promise.race([ticket.ready, globals.wait(ticket.maxWait)])
      waits.push(complete.then(() => addContextFields(data, ticket.fields)))
    }
    const post = (): Promise<Outcome> => send(url, encode(takeRefused(data)), globals)
    if (this.#asks || (!data.has('_visitor') && hasMunchkin())) waits.push(this.#awaitVisit(data))
    if (!waits[0]) return post()
    // A visitor who leaves waits no longer.
    const left = new Promise((done) => addEventListener('pagehide', done, { once: true }))
    return Promise.race([left, Promise.allSettled(waits)]).then(post)
  }

  /** Waits a moment for the visitor's decision, and for a cookie that it allows. */
  async #awaitVisit(data: FormData): Promise<void> {
    const { globals } = this
    if (this.#asks && !(await Promise.race([this.#allowed, globals.wait(MAX_CONSENT_WAIT_MS)]))) return
    if (isRefused(data) || data.has('_visitor') || !hasMunchkin()) return
    addContextFields(data, { _visitor: await awaitVisitors(this.#munchkinId, globals) })
  }

  /** Whether the visitor's decision counts. An empty attribute is a mistake of the page, and no agreement. */
  get #asks(): boolean {
    return (this.consent ?? null) !== null
  }

  get #munchkinId(): string | null {
    return this.getAttribute('munchkin-id')
  }

  /** Returns the submission of a filled-in form: the one that was tried last if nothing was entered since. */
  #submissionOf(url: string, form: HTMLFormElement, data: FormData): Submission {
    const key = `${url} ${readAnswers(form, data)}`
    if (this.#submission?.key !== key) this.#submission = { key, id: this.globals.id() }
    return this.#submission
  }

  /** Adds the context to a post of the browser: a script has called `form.submit()`, or stopped the submit event. */
  #addContext({ target, formData, timeStamp }: FormDataEvent): void {
    if (this.#isReading || this.#also !== null) return
    const form = target as HTMLFormElement
    const url = destination(form, null)
    if (!url) return
    // The browser posts passwords too, but the id is that of the same form without them.
    const submission = this.#submissionOf(url, form, takeHeldBack(formData, controlsOf(form)))
    this.#addFields(url, formData, submission, timeStamp)
  }

  #addFields(url: string, data: FormData, { id }: Submission, now: number): void {
    if (this.#ticket?.url === url) addContextFields(data, this.#ticket.fields)
    addContextFields(data, {
      _id: id,
      _page: readPage(),
      ...(this.#asks || isRefused(data) ? {} : readVisit(this.#munchkinId)),
      _elapsed: this.#touchedAt === undefined ? '' : `${Math.round(now - this.#touchedAt)}`,
    })
    if (this.#asks) this.#allowed = this.#decide?.(data)
  }

  async #finish(attempt: Attempt, result: Promise<Outcome>): Promise<FormSyncSentEvent | FormSyncFailedEvent> {
    const ticket = this.#ticket
    const outcome = await result
    const { id, form } = attempt
    const isLatest = attempt === this.#attempt
    // The page may have replaced the form meanwhile.
    const isVisible = isLatest && (this.contains(form) || form === this.#attached)
    const isCopy = this.#also !== null
    if (isLatest) this.state = isVisible ? outcome.kind : 'idle'

    if (ticket?.fields._ticket) ticket.isUsed = outcome.reason !== 'fields'
    if (outcome.kind === 'failed') {
      const { reason, problem } = outcome
      this.#diagnose(outcome)
      if (isVisible && reason === 'fields' && !isCopy) this.#errors = addFieldErrors(form, problem!.errors!)
      const event = new FormSyncFailedEvent(id, reason, problem)
      this.dispatchEvent(event)
      return event
    }
    if (isLatest) this.#touchedAt = this.#submission = undefined
    const { next } = outcome
    this.#leaving = isVisible && !isCopy && this.isConnected && !!next && !this.#hasThanks
    const event = new FormSyncSentEvent(id)
    const allowed = this.dispatchEvent(event)
    this.#leaving &&= allowed
    if (!this.#leaving) return event
    // An anchor of this page: the page stays, and shows the thanks.
    this.#leaving = !next!.startsWith(`${location.href.split('#')[0]}#`)
    if (!this.#leaving) await this.updateComplete
    this.globals.navigate(next!)
    return event
  }

  #handleInteraction({ type, target, timeStamp, isTrusted }: Event): void {
    const { form, name } = target as HTMLInputElement
    if (form) rememberPasswords(controlsOf(form))
    if (isTrusted) {
      this.#touchedAt ??= timeStamp
      const url = (): string | undefined => this.#url((target as Element).closest('form')!, null)
      this.#ticket = ticketOf(url, type === 'input', this.#ticket, this.globals)
    }
    if (type === 'focusin' || type === 'pointerdown') return

    // The visitor has come back from the thanks page and begins another submission.
    if (this.#leaving && isTrusted) {
      this.state = 'idle'
      this.#leaving = false
    }

    if ((target as HTMLInputElement).files) this.requestUpdate('state')
    const remaining = removeFieldErrors(this.#errors, name)
    if (this.#errors[0] && !remaining[0]) this.state = 'idle'
    this.#errors = remaining
  }

  /** Says what is wrong with a control that the browser cannot show: to the visitor nothing would seem to happen. */
  #showInvalid(event: Event): void {
    const control = event.target as HTMLInputElement
    if (isShown(control) || !control.form || this.#also !== null) return
    // Otherwise the browser would give the focus to the control behind a custom select, where nobody sees it.
    event.preventDefault()
    const others = removeFieldErrors(this.#errors, control.name)
    this.#errors = [...others, ...addFieldErrors(control.form, [browserProblem(control)])]
    this.state = 'failed'
    this.requestUpdate('state', 'idle')
  }

  #retry = (): void => {
    if (!this.#attempt) return
    const { form, button } = this.#attempt
    const pressed = button?.form === form ? button : null
    this.#focus(pressed ?? this.#tree.status)
    form.requestSubmit(pressed)
  }

  /**
   * Updates the messages to the state, and moves the focus if it has changed.
   *
   * @param before the last state
   */
  #render(before: string | undefined): void {
    const { state } = this
    if (this.#also !== null) return
    const messages = this.#texts()
    const files = this.form && controlsOf(this.form).some(({ files }) => files?.[0])
    const result = state === 'sending' || state === 'sent' ? messages[state] : ''
    const status = `${result} ${files ? messages.files : ''}`.trim()
    const thanks = state === 'sent' && !this.#leaving
    const errors = this.#errors
    const failed = state === 'failed' && !errors[0]
    const [ownStatus, ownThanks] = [this.#placeOf('status'), this.#placeOf('sent')]
    if (ownStatus) {
      ownStatus.role ??= 'status'
      ownStatus.textContent = status
    }
    if (ownThanks) ownThanks.hidden = !thanks
    updateShadowTree(this.#tree, {
      messages,
      status: ownStatus ? '' : status,
      thanks: thanks && !ownThanks,
      failed,
      errors,
      retry: this.#retry,
    })
    if (this.#hidden) giveBack(this.#hidden)
    this.#hidden = thanks && (this.#attached || ownThanks) ? this.form : null
    if (this.#hidden) hide(this.#hidden)
    if (!before) return

    if (thanks) {
      if (ownThanks) ownThanks.tabIndex = -1
      this.#focus(ownThanks ?? this.#tree.status)
    }
    const [first] = errors.flatMap(({ controls }) => controls)
    if (errors[0]) this.#focus(first && isShown(first) ? first : this.#tree.summary)
  }

  get #hasThanks(): boolean {
    return !!(this.querySelector(':scope>[slot=sent]') ?? this.#placeOf('sent'))
  }

  /** Returns the element that the page has for a message. With `for` it may be anywhere on the page. */
  #placeOf(name: string): HTMLElement | null {
    const around = (this.#attached?.getRootNode() ?? this) as ParentNode
    return around.querySelector(`[data-form-sync-${name}]`)
  }

  /** Returns the texts: those of the property, of the attributes `message-…`, and the English ones. */
  #texts(): Messages {
    const own = Object.entries(en) as [keyof Messages, string][]
    const texts = own.map(([name, text]) => [
      name,
      this.messages?.[name] ?? this.getAttribute(`message-${name}`) ?? text,
    ])
    return Object.fromEntries(texts) as Messages
  }

  /** Moves the focus, unless it is elsewhere on the page. */
  #focus(target: HTMLElement): void {
    const { activeElement: active } = this.getRootNode() as Document
    const inForm = this.#attached?.contains((this.#attached.getRootNode() as Document).activeElement)
    if (!active || active.contains(this) || this.contains(active) || inForm) {
      target.focus()
      // A control of a library may refuse it.
      if (this.#errors[0] && !target.matches(':focus-within')) this.#tree.summary.focus()
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'form-sync': FormSync
  }
  interface Window {
    /** Calls that run when the element is registered, and those that come later at once. */
    formSync?: { push(...calls: (() => void)[]): void } | (() => void)[]
  }
}
