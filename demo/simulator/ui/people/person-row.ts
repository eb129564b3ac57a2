/**
 * Shows one person of the list: name and line, and the details if the person is selected.
 *
 * The line is drawn only while the row is near the viewport, so that a long list stays fast.
 *
 * @slot the open call, below the details
 * @fires choose-person when the row is clicked
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallView, PersonView } from '../../view.ts'
import { count, nameOf } from '../data/names.ts'
import { clockTime, dayOf } from '../data/times.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ChoosePerson } from '../page/events.ts'
import { rowGrid } from './row-grid.ts'

export class PersonRow extends LitElement {
  static override properties = {
    person: { attribute: false },
    failed: { attribute: false },
    /** Width of the line in pixels. */
    width: { type: Number },
    chosen: { type: Boolean, reflect: true },
    /** True: the Tab key enters the list at this row. */
    stop: { type: Boolean },
    near: { type: Boolean },
    /** Epoch milliseconds. */
    now: { type: Number },
  }

  static override styles = [
    baseStyles,
    rowGrid,
    css`
      :host {
        border-bottom: 1px solid var(--hairline);
        cursor: pointer;
      }
      .row {
        padding-block: 12px 4px;
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
      .label {
        display: block;
        width: 100%;
        min-height: 48px;
      }
      .name,
      .about {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .name {
        font-weight: 600;
      }
      .visitor .name {
        color: var(--quiet);
        font-weight: 400;
      }
      .about,
      .seen {
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
      }
      .seen {
        padding-top: 4px;
        text-align: end;
        white-space: nowrap;
      }
      .seen span {
        display: block;
      }
      .line-placeholder {
        height: 56px;
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
  declare stop: boolean
  declare near: boolean
  declare now: number
  /** True: the visitor has just become known, so the name is animated. */
  private named = false

  constructor() {
    super()
    this.failed = []
    this.width = 0
    this.chosen = false
    this.stop = false
    this.near = false
    this.now = 0
    this.addEventListener('click', (event) => this.choose(event))
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('person')
    if (before) this.named = before.id === this.person.id && !before.known && this.person.known
  }

  protected override render(): TemplateResult {
    const { person, chosen } = this
    const last = person.activities.at(-1)?.at ?? person.createdAt
    const classes = `label ${person.known ? '' : 'visitor'} ${this.named ? 'named' : ''}`
    return html`
      <div class="row">
        <button type="button" class=${classes} aria-expanded=${chosen} tabindex=${this.stop ? 0 : -1}>
          <span class="name">${nameOf(person)}</span>
          <span class="about">${about(person)}</span>
        </button>
        ${
          this.near && this.width > 0
            ? html`<person-line
                .person=${person}
                .failed=${this.failed}
                .width=${this.width}
                .chosen=${chosen}
              ></person-line>`
            : html`<div class="line-placeholder"></div>`
        }
        <p class="seen"><span>${dayOf(last, this.now)}</span><span>${clockTime(last)}</span></p>
      </div>
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

/** Returns the second line of text: the address, or a visitor's number of visits. */
function about(person: PersonView): string {
  if (person.known) return person.email ?? `Lead ${person.id}`
  return count(person.activities.filter((activity) => activity.type === 'visit').length, 'visit')
}

declare global {
  interface HTMLElementTagNameMap {
    'person-row': PersonRow
  }
}
