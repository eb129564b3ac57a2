/**
 * Shows the details of the selected person: all events as a list, the attributes, and the data in Marketo.
 *
 * @slot the open call
 * @fires read-call when "Show the call" is clicked
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit'
import type { CallView, PersonView } from '../../view.ts'
import { count, pathOf } from '../data/names.ts'
import { faultSentence, personSentence, visitSentence } from '../data/sentences.ts'
import { clockTime, dayOf } from '../data/times.ts'
import { eventsOf, type Event as LineEvent } from '../line/layout.ts'
import { markGlyph, markStyles } from '../line/marks.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ReadCall } from '../page/events.ts'

/** Number of events shown at first, the newest. A visitor may come back for years. */
const MAX_EVENTS = 40

export class PersonDetails extends LitElement {
  static override properties = {
    person: { attribute: false },
    failed: { attribute: false },
    /** Epoch milliseconds. */
    now: { type: Number },
    showAll: { state: true },
  }

  static override styles = [
    baseStyles,
    markStyles,
    css`
      :host {
        padding: 8px 0 20px;
      }
      .columns {
        display: grid;
        gap: 24px 40px;
        border-top: 1px solid var(--hairline);
        padding-top: 16px;
      }
      @container people (min-width: 520px) {
        .columns {
          grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
        }
        ::slotted(*) {
          grid-column: 1 / -1;
        }
      }
      h3 {
        margin-bottom: 8px;
        color: var(--quiet);
        font-size: 13px;
        font-weight: 400;
        line-height: 20px;
      }
      li {
        display: grid;
        grid-template-columns: 64px 20px minmax(0, 1fr);
        column-gap: 12px;
        align-items: start;
        padding-block: 2px;
      }
      li.day {
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
        padding-top: 8px;
      }
      .day span {
        grid-column: 3;
      }
      time {
        color: var(--quiet);
        font-size: 13px;
      }
      .glyph {
        margin-top: 2px;
      }
      .description,
      dd {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .path {
        color: var(--quiet);
        font-size: 13px;
        overflow-wrap: anywhere;
      }
      .known-text {
        color: var(--known-ink);
        font-weight: 600;
      }
      .fault-text {
        color: var(--act);
        font-weight: 600;
      }
      .link {
        font-size: 13px;
        color: var(--accent);
        text-decoration: underline;
        text-decoration-color: color-mix(in oklch, currentcolor 40%, transparent);
        text-underline-offset: 3px;
      }
      .link:hover {
        text-decoration-color: currentcolor;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(96px, max-content) minmax(0, 1fr);
        gap: 4px 16px;
      }
      dl + h3 {
        margin-top: 24px;
      }
      dt {
        color: var(--quiet);
        overflow-wrap: anywhere;
      }
      dl.quiet {
        font-size: 13px;
        line-height: 20px;
      }
      .no-attributes {
        color: var(--quiet);
        margin-bottom: 24px;
      }
    `,
  ]

  declare person: PersonView
  declare failed: readonly CallView[]
  declare now: number
  declare private showAll: boolean

  constructor() {
    super()
    this.failed = []
    this.now = 0
    this.showAll = false
  }

  protected override render(): TemplateResult {
    const events = eventsOf(this.person, this.failed)
    const hidden = this.showAll ? 0 : Math.max(0, events.length - MAX_EVENTS)
    return html`
      <div class="columns">
        <section aria-label="What happened">
          <h3>What happened</h3>
          ${
            hidden > 0
              ? html`<button type="button" class="link" @click=${() => (this.showAll = true)}>
                  Show ${count(hidden, 'earlier event')}
                </button>`
              : nothing
          }
          <ol>
            ${events.slice(hidden).map((event, i, shown) => html`${this.dayHeading(event, shown[i - 1])}${row(event, this.person)}`)}
          </ol>
        </section>
        <section aria-label="What is known">${this.attributeList()} ${this.marketoData()}</section>
        <slot></slot>
      </div>
    `
  }

  /** Renders the day above the first event of each day. None if all events are of today. */
  private dayHeading(event: LineEvent, before?: LineEvent): TemplateResult | typeof nothing {
    const day = dayOf(event.at, this.now)
    if (before ? dayOf(before.at, this.now) === day : day === 'today') return nothing
    return html`<li class="day"><span>${day === 'today' ? 'Today' : day}</span></li>`
  }

  private attributeList(): TemplateResult {
    const attributes = Object.entries(this.person.attributes)
    if (attributes.length === 0) {
      return html`<h3>What is known</h3>
        <p class="no-attributes">No attributes yet.</p>`
    }
    return html`<h3>What is known</h3>
      <dl>
        ${attributes.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>`
  }

  private marketoData(): TemplateResult {
    const { id, email, workspace, partition, cookies, foreignIds } = this.person
    const facts: [string, string, string?][] = [
      ['Lead', `${id}`],
      ...(email ? ([['E-mail', email]] as [string, string][]) : []),
      ...foreignIds.map((foreign): [string, string] => [`${foreign.type} id`, foreign.id]),
      ['Workspace', workspace],
      ['Partition', partition],
      ...cookies.map((cookie): [string, string, string] => ['Cookie', cookie, 'mono']),
    ]
    return html`<h3>In Marketo</h3>
      <dl class="quiet">
        ${facts.map(
          ([name, value, look]) =>
            html`<dt>${name}</dt>
              <dd class=${look ?? ''}>${value}</dd>`,
        )}
      </dl>`
  }
}

function row(event: LineEvent, person: PersonView): TemplateResult {
  return html`<li>
    <time datetime=${event.at}>${clockTime(event.at)}</time>
    ${markGlyph(event.kind, event.tone)}
    <div class="description">${description(event, person)}</div>
  </li>`
}

function description(event: LineEvent, person: PersonView): TemplateResult {
  const { lead, rest } =
    event.kind === 'fault'
      ? faultSentence(event)
      : event.kind === 'visit'
        ? visitSentence(event)
        : personSentence(event.call, person)
  return html`<span class=${`${event.kind}-text`}>${lead}</span>${rest}
    ${event.kind === 'visit' ? html`<span class="path">${pathOf(event.url)}</span>` : callLink(event.call)}`
}

function callLink(call: number): TemplateResult {
  const read = (event: Event): boolean | undefined => event.target?.dispatchEvent(new ReadCall(call))
  return html`<button type="button" class="link" @click=${read}>
    Show the call<span class="screen-reader-only"> ${call}</span>
  </button>`
}

declare global {
  interface HTMLElementTagNameMap {
    'person-details': PersonDetails
  }
}
