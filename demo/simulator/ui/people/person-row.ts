/**
 * Shows one person of the list: name and line, and the details if the person is selected.
 *
 * @slot the open call, below the details
 * @fires choose-person when the row is clicked
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallView, PersonView } from '../../view.ts'
import { momentOf } from '../data/moment.ts'
import { count, nameOf } from '../data/names.ts'
import { seenAt } from '../data/order.ts'
import { clockTime, dayOf, formatDuration } from '../data/times.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ChoosePerson } from '../page/events.ts'

/** Height of a row that is not selected, with its lower border. */
export const ROW_HEIGHT_PX = 107
/** Distance of the line from the edges of the row. */
export const ROW_PADDING_PX = 16

export class PersonRow extends LitElement {
  static override properties = {
    person: { attribute: false },
    failed: { attribute: false },
    /** Width of the line in pixels. */
    width: { type: Number },
    chosen: { type: Boolean, reflect: true },
    /** True: nobody became known later. */
    newest: { type: Boolean },
    /** True: the Tab key enters the list at this row. */
    stop: { type: Boolean },
    /** Epoch milliseconds. */
    now: { type: Number },
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        min-height: ${ROW_HEIGHT_PX}px;
        padding: 12px ${ROW_PADDING_PX}px 0;
        border-bottom: 1px solid var(--hairline);
        cursor: pointer;
      }
      :host(:hover) {
        background: var(--sunken);
        --ground: var(--sunken);
      }
      :host([chosen]) {
        margin-block: 8px;
        border: 1px solid var(--hairline);
        border-radius: var(--radius-panel);
        background: var(--panel);
        --ground: var(--panel);
        box-shadow: var(--shadow);
        cursor: auto;
      }
      .head {
        display: flex;
        gap: 16px;
        align-items: baseline;
        justify-content: space-between;
        height: 24px;
        white-space: nowrap;
      }
      .label {
        display: flex;
        gap: 12px;
        align-items: baseline;
        min-width: 0;
        min-height: 24px;
      }
      .name {
        flex: 0 1 auto;
        min-width: 0;
        overflow: hidden;
        font-weight: 600;
        text-overflow: ellipsis;
      }
      .visitor .name {
        color: var(--quiet);
        font-weight: 400;
      }
      .about,
      .seen {
        color: var(--quiet);
        font-size: 13px;
      }
      /* Shrinks before the name does. */
      .about {
        flex: 0 100000 auto;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .back {
        flex: none;
        color: var(--known-ink);
        font-weight: 600;
      }
      .tag {
        flex: none;
        padding-inline: 8px;
        border-radius: 10px;
        background: var(--known-soft);
        color: var(--known-ink);
        font-size: 12px;
        line-height: 20px;
      }
      .seen {
        flex: none;
      }
      .day {
        margin-inline-end: 8px;
      }
      @container people (max-width: 559px) {
        .mail,
        .why,
        .day,
        .tag,
        .seconds {
          display: none;
        }
        .head {
          gap: 8px;
        }
        .label {
          gap: 8px;
        }
      }
      person-line {
        margin-top: 6px;
      }
      @media (prefers-reduced-motion: no-preference) {
        .named .name {
          animation: take-name var(--motion) ease-out;
        }
      }
      @keyframes take-name {
        from {
          opacity: 0;
          translate: 0 4px;
        }
      }
    `,
  ]

  declare person: PersonView
  declare failed: readonly CallView[]
  declare width: number
  declare chosen: boolean
  declare newest: boolean
  declare stop: boolean
  declare now: number
  /** True: the visitor has just become known, so the name is animated. */
  private named = false

  constructor() {
    super()
    this.failed = []
    this.width = 0
    this.chosen = false
    this.newest = false
    this.stop = false
    this.now = 0
    this.addEventListener('click', (event) => this.choose(event))
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('person')
    if (before) this.named = before.id === this.person.id && !before.known && this.person.known
  }

  protected override render(): TemplateResult {
    const { person, chosen } = this
    const seen = seenAt(person)
    const classes = `label ${person.known ? '' : 'visitor'} ${this.named ? 'named' : ''}`
    return html`
      <div class="head">
        <button type="button" class=${classes} aria-expanded=${chosen} tabindex=${this.stop ? 0 : -1}>
          <span class="name">${nameOf(person)}</span>
          ${about(person)} ${this.newest ? html`<span class="tag">newest</span>` : nothing}
        </button>
        <p class="seen">
          <span class="day">${dayOf(seen, this.now)}</span>${clockTime(seen).slice(0, -3)}<span class="seconds"
            >${clockTime(seen).slice(-3)}</span
          >
        </p>
      </div>
      ${
        this.width > 0
          ? html`<person-line
              .person=${person}
              .failed=${this.failed}
              .width=${this.width}
              .chosen=${chosen}
            ></person-line>`
          : nothing
      }
      ${
        chosen
          ? html`<person-details .person=${person} .failed=${this.failed} .now=${this.now}>
              <slot></slot>
            </person-details>`
          : nothing
      }
    `
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('button')?.focus(options)
  }

  /** Moves the focus from the name to the line. */
  enterLine(): void {
    this.renderRoot.querySelector('person-line')?.focusMark(0)
  }

  /** A click anywhere selects a closed row. In an open row only the name reacts, so that text can be selected. */
  private choose(event: Event): void {
    const onLabel = event.composedPath().some((node) => node instanceof HTMLElement && node.matches('.label'))
    if (this.chosen && !onLabel) return
    this.dispatchEvent(new ChoosePerson(this.person.id))
  }
}

/** Tells how far back a person is known, or how many visits an unknown visitor made. */
function about(person: PersonView): TemplateResult {
  const moment = momentOf(person)
  const mail = html`<span class="about mail">${person.email ?? `Lead ${person.id}`}</span>`
  if (moment && moment.visits > 0)
    return html`<span class="about back">known ${formatDuration(moment.backMs)} back</span> ${mail}`
  if (person.known) return mail
  const visits = person.activities.filter((activity) => activity.type === 'visit').length
  return html`<span class="about">${count(visits, 'visit')}<span class="why">, nobody knows who</span></span>`
}

declare global {
  interface HTMLElementTagNameMap {
    'person-row': PersonRow
  }
}
