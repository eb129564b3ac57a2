/**
 * Lists the calls, the newest first. A failed call has a red cross and its fault code. Loads nothing itself.
 *
 * @fires read-call when a call is selected
 */
import { LitElement, css, html, nothing, svg, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView } from '../../view.ts'
import { count } from '../data/names.ts'
import { clockTime } from '../data/times.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ReadCall } from '../page/events.ts'
import { faultCode } from './fault-codes.ts'

/** Number of calls shown at first, and added by each click on "Show earlier calls". */
const PAGE_CALLS = 100

export class CallLog extends LitElement {
  static override properties = {
    calls: { attribute: false },
    /** True: only failed calls are shown. */
    failedOnly: { attribute: false },
    reading: { attribute: false },
    nameOf: { attribute: false },
    foldable: { attribute: false },
    open: { state: true },
    shown: { state: true },
    stop: { state: true },
  }

  static override styles = [
    baseStyles,
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
      ol {
        max-height: 168px;
        overflow-y: auto;
        border-block: 1px solid var(--hairline);
      }
      li + li {
        border-top: 1px solid var(--hairline);
      }
      .call {
        display: grid;
        grid-template-columns: 16px minmax(24px, max-content) max-content minmax(0, 1fr) max-content;
        align-items: center;
        gap: 0 8px;
        width: 100%;
        min-height: 33px;
        padding: 4px;
        font-size: 13px;
        line-height: 20px;
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
      .quiet,
      .person {
        color: var(--quiet);
      }
      .person {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .code {
        color: var(--act);
        font-weight: 600;
      }
      .number {
        text-align: end;
      }
      .more {
        width: 100%;
        padding: 8px;
        color: var(--accent);
        font-size: 13px;
        text-align: center;
      }
      svg {
        display: block;
        overflow: visible;
      }
      .ok {
        fill: var(--accent);
      }
      .cross {
        fill: none;
        stroke: var(--act);
        stroke-width: 2.25;
        stroke-linecap: round;
      }
      .empty {
        padding: 8px 4px;
        color: var(--quiet);
        font-size: 13px;
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
  /** Returns the name of the call's person, or an empty string. */
  declare nameOf: (call: CallView) => string
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
    this.nameOf = () => ''
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
          <h2>Calls</h2>
          ${sum}
        </div>
        ${this.list(rows)}`
    return html`<h2>
        <button type="button" class="head" aria-expanded=${this.open} @click=${() => (this.open = !this.open)}>
          Calls ${sum}
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
    </ol>`
  }

  private row(call: CallView, isStop: boolean): TemplateResult {
    const name = call.code === null ? undefined : faultCode(call.code)?.name
    return html`<button
      type="button"
      class="call"
      data-number=${call.number}
      tabindex=${isStop ? 0 : -1}
      aria-current=${call.number === this.reading ? 'true' : nothing}
      @focus=${() => (this.stop = call.number)}
      @click=${() => this.dispatchEvent(new ReadCall(call.number))}
    >
      <svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">
        ${call.ok ? svg`<circle class="ok" r="3"></circle>` : svg`<path class="cross" d="M-4-4 4 4M4-4-4 4"></path>`}
      </svg>
      <span class="number quiet">${call.number}</span>
      <span>${call.operation}</span>
      <span class="person">
        ${call.ok ? nothing : html`<span class="code" title=${name ?? nothing}>${call.code ?? 'failed'}</span>`}
        ${this.nameOf(call)}
      </span>
      <time class="quiet" datetime=${call.at}>${clockTime(call.at)}</time>
    </button>`
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

declare global {
  interface HTMLElementTagNameMap {
    'call-log': CallLog
  }
}
