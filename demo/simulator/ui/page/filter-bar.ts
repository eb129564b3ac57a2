/**
 * Shows the filters of the people list and the "Follow" switch. Filters nothing itself.
 *
 * @fires filter-people when the filter changes
 * @fires follow-news when the switch changes
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

/** Fired when the "Follow" switch changes. With it on, the page opens every person who becomes known. */
export class FollowNews extends Event {
  readonly follow: boolean
  constructor(follow: boolean) {
    super('follow-news', { bubbles: true, composed: true })
    this.follow = follow
  }
}

const KINDS: [Show, string][] = [
  ['all', 'Everybody'],
  ['known', 'Known'],
  ['anonymous', 'Anonymous'],
  ['form', 'Form'],
  ['fault', 'Fault'],
]

export class FilterBar extends LitElement {
  static override properties = {
    filter: { attribute: false },
    counts: { attribute: false },
    follow: { type: Boolean },
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
      .kind,
      .follow {
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
      .kind:has(:focus-visible),
      .follow:has(:focus-visible) {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .kind input,
      .follow input {
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
      .follow {
        margin-inline-start: auto;
        padding-inline: 4px;
        color: var(--quiet);
      }
      .switch {
        width: 28px;
        height: 16px;
        padding: 2px;
        border: 1px solid var(--edge);
        border-radius: 8px;
      }
      .switch::before {
        content: '';
        display: block;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--edge);
      }
      :checked + .switch {
        border-color: var(--accent);
        background: var(--accent);
      }
      :checked + .switch::before {
        background: var(--on-accent);
        translate: 12px;
      }
      @media (prefers-reduced-motion: no-preference) {
        .switch::before {
          transition: translate var(--motion);
        }
      }
      @media (max-width: 599px) {
        .search {
          flex: 1 1 100%;
          height: 40px;
        }
        :host {
          column-gap: 4px;
        }
        /* The switch takes the remaining space of the last row. */
        fieldset {
          display: contents;
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
  declare follow: boolean

  constructor() {
    super()
    this.follow = true
  }

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
      <label class="follow" title="Opens every person who becomes known">
        <input type="checkbox" role="switch" .checked=${this.follow} @change=${this.handleSwitch} />
        <span class="switch"></span>
        Follow<span class="screen-reader-only">: open every person who becomes known</span>
      </label>
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

  private handleSwitch(event: Event): void {
    this.dispatchEvent(new FollowNews((event.target as HTMLInputElement).checked))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'filter-bar': FilterBar
  }
  interface HTMLElementEventMap {
    'filter-people': FilterPeople
    'follow-news': FollowNews
  }
}
