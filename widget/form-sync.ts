/**
 * The element. It joins the parts beside it, and it is the one file with state; so it is the longest. It can be imported
 * without being registered.
 *
 * Whatever fails before the request goes out, the browser's own submit goes on: `preventDefault` comes after everything
 * that could throw. Of Lit it takes the base, ReactiveElement; the templates would add 2.7 KB to every page (see view.ts).
 */
import { ReactiveElement, type PropertyValues } from 'lit'
import { sayOnButton } from './form/submit-button.ts'
import { clearErrors, type FieldError, placeErrors } from './view/error-summary.ts'
import { FormSyncFailedEvent, FormSyncSendingEvent, FormSyncSentEvent } from './events.ts'
import { addExtras, readExtras } from './submit/context-fields.ts'
import { type Button, destination, encode, readFields } from './form/fields.ts'
import { en, type Messages } from './locales/en.ts'
import { type Failed, send, type Sent } from './submit/send.ts'
import { adoptTheme } from './view/theme.ts'
import { createView, fillView, styles, type View } from './view/view.ts'
import { browser } from './globals.ts'

/** What is heard from the form: on the element and not on the form, which may be swapped at any time. */
const HEARD = ['submit', 'focusin', 'input', 'change']

/** One filled-in form on its way; also the call's own mark, so that an answer to an older one changes nothing. */
interface Attempt {
  /** Where it goes and what is filled in: a submit that equals it is the same filled-in form. */
  key: string
  id: string
  form: HTMLFormElement
  button: Button | null
}

/**
 * Sends the form inside it to a form-sync relay and tells the visitor what happened.
 *
 * @slot - the form, and whatever stands around it
 * @slot sent - shown in place of the form once it has arrived; give it `hidden` for visitors without script
 * @slot failed - words for when it could not be sent; `hidden` likewise
 * @fires form-sync-sending - before anything is sent; cancelable, and its `data` may be changed
 * @fires form-sync-sent - with the `id`
 * @fires form-sync-failed - with `id`, `reason` and the relay's `problem`
 * @attr munchkin-id - whose Munchkin cookie is meant, where several stand on the page
 * @csspart summary - the list of fields to correct
 * @csspart failed - the box with the words and the button below
 * @csspart message - the words in that box
 * @csspart thanks - what stands in place of the form where the page has no `sent` slot
 * @csspart retry - the button that tries again
 * @cssprop --form-sync-accent - with `theme="plain"`: buttons, ticks, focus
 * @cssprop --form-sync-radius - with `theme="plain"`
 * @cssprop --form-sync-font - with `theme="plain"`; by default the page's own
 */
export class FormSync extends ReactiveElement {
  static override styles = styles

  static override properties = {
    state: { reflect: true },
    theme: { reflect: true },
    messages: { attribute: false },
  }

  /** Where the form stands, also as an attribute. Set it to `idle` to show the form again after it was sent. */
  declare state: 'idle' | 'sending' | 'sent' | 'failed'
  /** `plain` styles the form; without it, it looks as the page says. */
  declare theme: string | undefined
  /** Words other than the English ones. */
  declare messages: Partial<Messages> | undefined
  /** @internal */
  world = browser

  #view!: View
  #attempt: Attempt | undefined
  #errors: FieldError[] = []
  /** When the visitor first touched the form, on the clock of events. */
  #touchedAt: number | undefined
  /** True once it was sent and the browser goes on to the thanks address: until then the form stays as it is. */
  #leaving = false

  constructor() {
    super()
    this.state = 'idle'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    for (const type of HEARD) this.addEventListener(type, this)
    this.requestUpdate() // It may stand in another tree now, which has no theme yet.
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const type of HEARD) this.removeEventListener(type, this)
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot()
    this.#view = createView(root)
    return root
  }

  protected override update(changed: PropertyValues<this>): void {
    super.update(changed)
    if (this.theme === 'plain') adoptTheme(this)
    // Without script the page itself hides them; from here on the slots decide.
    for (const child of this.children) if (child.slot) (child as HTMLElement).hidden = false
    if (changed.has('state')) this.#show()
  }

  /** @internal */
  handleEvent(event: Event): void {
    if (event.type === 'submit') this.#submit(event as SubmitEvent)
    else this.#touch(event)
  }

  #submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement
    const button = event.submitter as Button | null
    const url = destination(form, button)
    if (!url || event.defaultPrevented) return

    const data = readFields(form, button)
    // Whichever button was pressed: it is the same filled-in form.
    const key = `${url} ${encode(readFields(form, null))}`
    const last = this.#attempt
    const again = last?.key === key
    if ((this.state === 'sending' && last?.form === form) || (this.state === 'sent' && again)) {
      event.preventDefault()
      return
    }

    addExtras(data, {
      _id: again && this.state === 'failed' ? last.id : this.world.id(),
      ...readExtras(this.getAttribute('munchkin-id')),
      _elapsed: this.#touchedAt === undefined ? '' : `${Math.round(event.timeStamp - this.#touchedAt)}`,
    })
    const wanted = this.dispatchEvent(new FormSyncSendingEvent(data))
    const answer = wanted && send(url, encode(data), this.world)
    event.preventDefault()
    if (!answer) return

    if (last?.button) sayOnButton(last.button)
    this.#attempt = { key, id: data.get('_id') as string, form, button }
    this.#errors = clearErrors(this.#errors)
    this.#leaving = false
    this.state = 'sending'
    void this.#settle(this.#attempt, answer)
  }

  async #settle(attempt: Attempt, answer: Promise<Sent | Failed>): Promise<void> {
    const outcome = await answer
    const { id, form } = attempt
    const current = attempt === this.#attempt
    // Current, and the visitor still has that form before them: nobody has swapped it meanwhile.
    const here = current && this.contains(form)
    if (current) this.state = here ? outcome.kind : 'idle'

    if (outcome.kind === 'failed') {
      const { reason, problem } = outcome
      if (here && reason === 'fields') this.#errors = placeErrors(form, problem!.errors!)
      this.dispatchEvent(new FormSyncFailedEvent(id, reason, problem))
      return
    }
    if (current) this.#touchedAt = undefined
    this.#leaving = here && this.isConnected && !!outcome.next && !this.querySelector(':scope>[slot=sent]')
    this.dispatchEvent(new FormSyncSentEvent(id))
    if (this.#leaving) this.world.navigate(outcome.next!)
  }

  #touch({ type, target, timeStamp }: Event): void {
    this.#touchedAt ??= timeStamp
    if (type === 'focusin') return

    // Back on this page from the thanks page, and about to send another one.
    if (this.#leaving) this.state = 'idle'
    this.#leaving = false

    const left = clearErrors(this.#errors, (target as HTMLInputElement).name)
    if (this.#errors[0] && !left[0]) this.state = 'idle'
    this.#errors = left
  }

  #retry = (): void => {
    if (!this.#attempt) return
    const { form, button } = this.#attempt
    const pressed = button?.form === form ? button : null
    this.#focus(pressed ?? this.#view.status)
    form.requestSubmit(pressed)
  }

  /** What the state looks like around the form, on it and on its button, and where the focus is then. */
  #show(): void {
    const { state } = this
    const words = { ...en, ...this.messages }
    const said = state === 'sending' || state === 'sent' ? words[state] : ''
    const thanked = state === 'sent' && !this.#leaving
    const errors = this.#errors
    const failed = state === 'failed' && !errors[0]
    fillView(this.#view, { words, said, thanked, failed, errors, retry: this.#retry })
    if (!this.#attempt) return

    const { form, button } = this.#attempt
    form.ariaBusy = state === 'sending' ? 'true' : null
    if (button) sayOnButton(button, said)
    if (thanked) this.#focus(this.#view.status)
    if (errors[0]) this.#focus(errors.find(({ controls }) => controls[0])?.controls[0] ?? this.#view.summary)
  }

  /** Unless the visitor has gone on to something else on the page. */
  #focus(target: HTMLElement): void {
    const { activeElement: at } = this.getRootNode() as Document
    if (!at || at.contains(this) || this.contains(at)) target.focus()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'form-sync': FormSync
  }
}
