/**
 * Shows the filters of the people list. Filters nothing itself.
 *
 * @fires filter-people when the filter changes
 */
import { LitElement, css, html, type TemplateResult } from 'lit'
import type { Filter, Show } from '../data/filters.ts'
import { baseStyles } from './base-styles.ts'

/** Fired when the filter changes. */
export class FilterPeople extends Event {
  readonly filter: Filter
  constructor(filter: Filter) {
    super('filter-people', { bubbles: true, composed: true })
    this.filter = filter
  }
}

const KINDS: [Show, string][] = [
  ['all', 'Everybody'],
  ['known', 'Known'],
  ['anonymous', 'Anonymous'],
  ['form', 'Sent a form'],
  ['fault', 'Failed calls'],
]

export class FilterBar extends LitElement {
  static override properties = {
    filter: { attribute: false },
    counts: { attribute: false },
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 24px;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        min-width: 0;
      }
      .kind {
        position: relative;
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 32px;
        padding-inline: 12px;
        border-radius: var(--radius-control);
        font-size: 14px;
        cursor: pointer;
      }
      .kind {
        color: var(--quiet);
      }
      .kind:hover {
        color: var(--ink);
      }
      .kind:has(:checked) {
        background: var(--accent-soft);
        color: var(--ink);
        font-weight: 600;
      }
      .kind:has(:focus-visible) {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .kind input {
        position: absolute;
        inset: 0;
        opacity: 0;
        margin: 0;
        cursor: pointer;
      }
      .count {
        color: var(--quiet);
        font-size: 13px;
        font-weight: 400;
      }
      .fault.some .count {
        color: var(--act);
        font-weight: 600;
      }
      .search {
        flex: 0 1 240px;
        min-width: 144px;
        height: 32px;
        padding-inline: 12px;
        border: 1px solid var(--edge);
        border-radius: var(--radius-control);
        background: var(--panel);
        font-size: 14px;
      }
      .search::placeholder {
        color: var(--quiet);
        opacity: 1;
      }
      @media (max-width: 599px) {
        .search {
          flex: 1 1 100%;
          height: 40px;
        }
        /* One row, which scrolls sideways. */
        fieldset {
          flex-wrap: nowrap;
          margin-inline: -16px;
          padding: 4px 16px;
          overflow-x: auto;
          white-space: nowrap;
        }
        .kind {
          min-height: 40px;
          padding-inline: 8px;
        }
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ]

  declare filter: Filter
  declare counts: Record<Show, number>

  protected override render(): TemplateResult {
    return html`
      <input
        type="search"
        class="search"
        aria-label="Search people"
        placeholder="Name, page, company…"
        .value=${this.filter.query}
        @input=${this.handleInput}
      />
      <fieldset>
        <legend class="screen-reader-only">Show</legend>
        ${KINDS.map(([show, name]) => this.kind(show, name))}
      </fieldset>
    `
  }

  private kind(show: Show, name: string): TemplateResult {
    const count = this.counts[show]
    return html`<label class="kind ${show} ${count > 0 ? 'some' : ''}">
      <input
        type="radio"
        name="show"
        value=${show}
        .checked=${this.filter.show === show}
        @change=${() => this.dispatchEvent(new FilterPeople({ ...this.filter, show }))}
      />
      ${name} <span class="count">${count.toLocaleString('en')}</span>
    </label>`
  }

  private handleInput(event: Event): void {
    const query = (event.target as HTMLInputElement).value
    this.dispatchEvent(new FilterPeople({ ...this.filter, query }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'filter-bar': FilterBar
  }
  interface HTMLElementEventMap {
    'filter-people': FilterPeople
  }
}
