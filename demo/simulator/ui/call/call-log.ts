/**
 * Lists what the calls did, in a sentence each, the newest first. A failed call has a red cross and its reason comes first.
 * Loads nothing itself.
 *
 * @fires read-call when a call is selected
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView, PersonView } from '../../view.ts'
import { momentOf } from '../data/moment.ts'
import { count } from '../data/names.ts'
import { callSentence } from '../data/sentences.ts'
import { clockTime } from '../data/times.ts'
import { markGlyph, markStyles } from '../line/marks.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ReadCall } from '../page/events.ts'

/** Number of calls shown at first, and added by each click on "Show earlier calls". */
const PAGE_CALLS = 100

export class CallLog extends LitElement {
  static override properties = {
    calls: { attribute: false },
    /** True: only failed calls are shown. */
    failedOnly: { attribute: false },
    reading: { attribute: false },
    peopleOf: { attribute: false },
    dropped: { type: Number },
    compact: { type: Boolean, reflect: true },
    foldable: { attribute: false },
    open: { state: true },
    shown: { state: true },
    stop: { state: true },
  }

  static override styles = [
    baseStyles,
    markStyles,
    css`
      .head {
        display: flex;
        align-items: baseline;
        gap: 8px;
        padding: 4px 4px 8px;
        border-radius: var(--radius-control);
      }
      h2 {
        font-size: 15px;
        font-weight: 600;
      }
      button.head {
        width: 100%;
        min-height: 40px;
        align-items: center;
        padding-block: 4px;
      }
      button.head::after {
        content: '';
        width: 7px;
        height: 7px;
        margin: -4px 4px 0 auto;
        border: solid var(--quiet);
        border-width: 0 1.5px 1.5px 0;
        rotate: 45deg;
      }
      button.head[aria-expanded='true']::after {
        margin-top: 4px;
        rotate: 225deg;
      }
      .sum {
        font-weight: 400;
        color: var(--quiet);
        font-size: 13px;
      }
      .sum b {
        color: var(--act);
        font-weight: 600;
      }
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
      }
      ol {
        min-height: 0;
        overflow-y: auto;
        border-block: 1px solid var(--hairline);
      }
      :host([compact]) {
        flex: none;
      }
      :host([compact]) ol {
        max-height: 176px;
      }
      li + li {
        border-top: 1px solid var(--hairline);
      }
      .call {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 0 8px;
        width: 100%;
        padding: 8px 4px;
        line-height: 20px;
      }
      .glyph {
        margin-top: 0;
      }
      .call b {
        font-weight: 600;
      }
      .known b {
        color: var(--known-ink);
      }
      .fault b {
        color: var(--act);
      }
      .facts {
        display: flex;
        gap: 0 12px;
        color: var(--quiet);
        font-size: 13px;
      }
      .show {
        margin-inline-start: auto;
        color: var(--accent);
        text-decoration: underline;
        text-decoration-color: color-mix(in oklch, currentcolor 40%, transparent);
        text-underline-offset: 3px;
        white-space: nowrap;
      }
      .call:hover {
        background: var(--sunken);
      }
      .call:focus-visible {
        outline-offset: -2px;
      }
      .call[aria-current] {
        background: var(--accent-soft);
      }
      .sentence {
        overflow-wrap: anywhere;
      }
      .more {
        width: 100%;
        padding: 8px;
        color: var(--accent);
        font-size: 13px;
        text-align: center;
      }
      .empty,
      .dropped {
        padding: 8px 4px;
        color: var(--quiet);
        font-size: 13px;
      }
      @media (max-width: 959px) {
        ol {
          max-height: 60vh;
        }
      }
      @media print {
        ol {
          max-height: none;
        }
      }
    `,
  ]

  declare calls: readonly CallView[]
  declare failedOnly: boolean
  /** Number of the call that is open in the panel. */
  declare reading: number | null
  /** Returns the people whom a call concerns. */
  declare peopleOf: (call: CallView) => PersonView[]
  /** Number of earlier calls that are not listed. */
  declare dropped: number
  /** True: the list takes little height, because a call is open below it. */
  declare compact: boolean
  /** True: the list is collapsed until its heading is pressed. */
  declare foldable: boolean
  declare private open: boolean
  declare private shown: number
  declare private stop: number | null

  constructor() {
    super()
    this.calls = []
    this.failedOnly = false
    this.reading = null
    this.peopleOf = () => []
    this.dropped = 0
    this.compact = false
    this.foldable = false
    this.open = false
    this.shown = PAGE_CALLS
    this.stop = null
  }

  protected override render(): TemplateResult {
    const failed = this.calls.filter((call) => !call.ok).length
    const rows = (this.failedOnly ? this.calls.filter((call) => !call.ok) : this.calls).toReversed()
    const sum = html`<span class="sum"
      >${count(this.calls.length, 'call')}${failed ? html`, <b>${failed.toLocaleString('en')} failed</b>` : nothing}</span
    >`
    if (!this.foldable)
      return html`<div class="head">
          <h2>What the calls did</h2>
          ${sum}
        </div>
        ${this.list(rows)}`
    return html`<h2>
        <button type="button" class="head" aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>
          What the calls did ${sum}
        </button>
      </h2>
      ${this.open ? this.list(rows) : nothing}`
  }

  private list(rows: readonly CallView[]): TemplateResult {
    if (rows.length === 0) {
      return html`<p class="empty">${this.calls.length > 0 ? 'No call has failed.' : 'No calls yet.'}</p>`
    }
    const stop = rows.some((call) => call.number === this.stop) ? this.stop : rows[0]?.number
    const left = rows.length - this.shown
    return html`<ol aria-label="Calls, the newest first" @keydown=${this.moveFocus}>
      ${repeat(
        rows.slice(0, this.shown),
        (call) => call.number,
        (call) => html`<li>${this.row(call, call.number === stop)}</li>`,
      )}
      ${
        left > 0
          ? html`<li>
              <button type="button" class="more" @click=${() => (this.shown += PAGE_CALLS)}>
                Show ${count(Math.min(PAGE_CALLS, left), 'earlier call')}
              </button>
            </li>`
          : nothing
      }
      ${left <= 0 && this.dropped > 0 ? html`<li class="dropped">${droppedText(this.dropped)}</li>` : nothing}
    </ol>`
  }

  private row(call: CallView, isStop: boolean): TemplateResult {
    const people = this.peopleOf(call)
    const kind = kindOf(call, people)
    const { lead, rest } = callSentence(call, people)
    return html`<button
      type="button"
      class="call ${kind}"
      data-number=${call.number}
      tabindex=${isStop ? 0 : -1}
      aria-current=${call.number === this.reading ? 'true' : nothing}
      @focus=${() => (this.stop = call.number)}
      @click=${() => this.dispatchEvent(new ReadCall(call.number))}
    >
      ${markGlyph(kind, kind === 'known' ? 'joined' : 'known')}
      <span>
        <span class="sentence"><b>${lead}</b>${rest}</span>
        <span class="facts">
          <time datetime=${call.at}>${clockTime(call.at)}</time>
          <span>${call.api === 'soap' ? 'SOAP' : 'REST'}</span>
          <span class="show">Show the call<span class="screen-reader-only"> ${call.number}</span></span>
        </span>
      </span>
    </button>`
  }

  /** Moves the focus to a call. Returns false if it is not listed, or the list is folded. */
  focusCall(number: number): boolean {
    const row = this.renderRoot.querySelector<HTMLElement>(`.call[data-number="${number}"]`)
    row?.focus()
    return row !== null
  }

  private moveFocus(event: KeyboardEvent): void {
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('.call')]
    const at = rows.findIndex((row) => row.matches(':focus'))
    const last = rows.length - 1
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key]
    if (at < 0 || to === undefined) return
    rows[to]?.focus()
    event.preventDefault()
  }
}

function kindOf(call: CallView, people: readonly PersonView[]): 'known' | 'sync' | 'fault' {
  if (!call.ok) return 'fault'
  return people.some((person) => momentOf(person)?.call === call.number) ? 'known' : 'sync'
}

function droppedText(dropped: number): string {
  const verb = dropped === 1 ? 'is' : 'are'
  return `${count(dropped, 'earlier call')} ${verb} not listed here. See /sim/calls.`
}

declare global {
  interface HTMLElementTagNameMap {
    'call-log': CallLog
  }
}
