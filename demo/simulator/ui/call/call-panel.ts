/**
 * Shows one call: request and reply, and an explanation of each part. Loads nothing itself.
 *
 * @fires read-call with null when the panel is closed
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallDetail, CallView } from '../../view.ts'
import { clockTime } from '../data/times.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ReadCall } from '../page/events.ts'
import { faultCode } from './fault-codes.ts'
import { layOutRest, textsOf } from './json-layout.ts'
import type { PointAtPart } from './xml-text.ts'
import { layOutXml } from './xml-layout.ts'

export class CallPanel extends LitElement {
  static override properties = {
    call: { attribute: false },
    detail: { attribute: false },
    problem: { attribute: false },
    pointedAt: { state: true },
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        border: 1px solid var(--hairline);
        border-radius: var(--radius-panel);
        background: var(--panel);
        box-shadow: var(--shadow);
      }
      header {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 16px;
        padding: 16px 16px 12px 20px;
      }
      h2 {
        font-size: 17px;
        font-weight: 600;
        line-height: 24px;
      }
      .outcome {
        margin-inline-start: 8px;
        font-weight: 400;
        color: var(--quiet);
      }
      .failed .outcome {
        color: var(--act);
        font-weight: 600;
      }
      .facts {
        grid-column: 1 / -1;
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
      }
      .close {
        display: grid;
        place-items: center;
        width: 32px;
        height: 32px;
        margin: -4px -4px 0 0;
        border-radius: var(--radius-control);
        color: var(--quiet);
      }
      .close:hover {
        background: var(--sunken);
        color: var(--ink);
      }
      .note {
        flex: none;
        min-height: 104px;
        padding: 12px 20px;
        border-block: 1px solid var(--hairline);
        background: var(--sunken);
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
      }
      .note b {
        display: block;
        color: var(--ink);
        font-weight: 600;
      }
      .messages {
        min-height: 0;
        overflow-y: auto;
        padding: 8px 12px 16px;
        border-radius: 0 0 var(--radius-panel) var(--radius-panel);
      }
      h3 {
        padding: 8px;
        color: var(--quiet);
        font-size: 13px;
        font-weight: 400;
        line-height: 20px;
      }
      section + section {
        margin-top: 8px;
        border-top: 1px solid var(--hairline);
        padding-top: 8px;
      }
      .empty {
        padding: 8px;
        color: var(--quiet);
        font-size: 13px;
      }
      @media print {
        .note,
        .close {
          display: none;
        }
        .messages {
          overflow: visible;
        }
      }
    `,
  ]

  declare call: CallView
  declare detail: CallDetail | null
  /** Message that says why there is no detail; null while it is loading or loaded. */
  declare problem: string | null
  declare private pointedAt: PointAtPart['part']

  constructor() {
    super()
    this.detail = null
    this.problem = null
    this.pointedAt = undefined
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('call')) this.pointedAt = undefined
  }

  /** Scrolls to the top when the call changes. */
  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('call')) this.renderRoot.querySelector('.messages')?.scrollTo(0, 0)
  }

  protected override render(): TemplateResult {
    const { call, detail } = this
    return html`
      <header class=${call.ok ? '' : 'failed'}>
        <h2>${call.operation}<span class="outcome">${outcome(call, detail)}</span></h2>
        <button type="button" class="close" aria-label="Close call ${call.number}" @click=${this.close}>
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <path
              d="m2 2 10 10M12 2 2 12"
              fill="none"
              stroke="currentcolor"
              stroke-width="1.75"
              stroke-linecap="round"
            ></path>
          </svg>
        </button>
        <p class="facts">${facts(call, detail)}</p>
      </header>
      <p class="note">
        ${
          this.pointedAt
            ? html`<b>${this.pointedAt.name}</b>${this.pointedAt.explanation}`
            : html`Point at an underlined name, or move to it with the Tab key, to see what it is for.`
        }
      </p>
      <div class="messages" tabindex="0" role="region" aria-label="Request and reply" @point-at-part=${this.point}>
        ${this.problem ? html`<p class="empty">${this.problem}</p>` : nothing}
        ${detail ? html`${section('Request', detail.request)}${section('Reply', detail.response)}` : nothing}
      </div>
    `
  }

  private point(event: PointAtPart): void {
    this.pointedAt = event.part
  }

  private close(): void {
    this.dispatchEvent(new ReadCall(null))
  }
}

function section(title: string, source: string): TemplateResult {
  return html`<section>
    <h3>${title}</h3>
    ${source.trim() === '' ? html`<p class="empty">Nothing was sent.</p>` : html`<xml-text .source=${source}></xml-text>`}
  </section>`
}

/** Returns the fault's code and name, or the status in the reply: of several leads, how many have each. */
function outcome(call: CallView, detail: CallDetail | null): string {
  if (!call.ok) return [call.code, call.code === null ? 'failed' : faultCode(call.code)?.name].filter(Boolean).join(' ')
  const lines = detail && (layOutXml(detail.response) ?? layOutRest(detail.response))
  const statuses = textsOf(lines ?? [], 'status')
  if (statuses.length < 2) return statuses[0] ?? ''
  const counts = [...new Set(statuses)].map((status) => [statuses.filter((each) => each === status).length, status])
  return counts.map((each) => each.join(' ')).join(', ')
}

function facts(call: CallView, detail: CallDetail | null): string {
  const lead = call.leadId === null ? '' : `lead ${call.leadId}`
  const status = detail?.status ? `HTTP ${detail.status}` : detail ? 'no answer' : ''
  return [`Call ${call.number}`, clockTime(call.at), `${call.ms} ms`, status, lead].filter(Boolean).join('  ·  ')
}

declare global {
  interface HTMLElementTagNameMap {
    'call-panel': CallPanel
  }
}
