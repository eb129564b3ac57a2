/**
 * Lists all people, the newest first. The up and down keys move between people, the right key moves into a line.
 *
 * Rows are keyed by the person's id and depend only on their own person, so that a change of one updates no other row.
 *
 * @slot the open call, inside the selected row
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView, PersonView } from '../../view.ts'
import { markGlyph, markStyles } from '../line/marks.ts'
import { baseStyles } from '../page/base-styles.ts'
import type { PersonRow } from './person-row.ts'
import { rowGrid } from './row-grid.ts'

/** Distance from the viewport within which lines are drawn. */
const DRAW_MARGIN = '600px'

export class PeopleList extends LitElement {
  static override properties = {
    people: { attribute: false },
    failedOf: { attribute: false },
    chosen: { attribute: false },
    /** Epoch milliseconds. */
    now: { type: Number },
    width: { state: true },
    near: { state: true },
    stop: { state: true },
  }

  static override styles = [
    baseStyles,
    markStyles,
    rowGrid,
    css`
      :host {
        container: people / inline-size;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0 20px;
        padding: 4px 16px 8px;
        border-bottom: 1px solid var(--hairline);
        color: var(--quiet);
        font-size: 13px;
        line-height: 24px;
      }
      .legend li {
        display: flex;
        align-items: center;
        gap: 4px;
        white-space: nowrap;
      }
      .ruler {
        grid-column: 2;
      }
      @container people (max-width: 479px) {
        .ruler {
          grid-column: 1;
        }
      }
      li {
        scroll-margin-block: 72px 16px;
      }
      .list > li:not(:hover, :focus-within, .chosen) {
        content-visibility: auto;
        contain-intrinsic-block-size: auto 73px;
      }
      @container people (max-width: 479px) {
        .list > li:not(:hover, :focus-within, .chosen) {
          contain-intrinsic-block-size: auto 121px;
        }
      }
      @media print {
        .list > li {
          content-visibility: visible !important;
          break-inside: avoid;
        }
      }
    `,
  ]

  declare people: readonly PersonView[]
  /** Returns the failed calls about a person. The same array until there is a new one. */
  declare failedOf: (person: PersonView) => readonly CallView[]
  declare chosen: number | null
  declare now: number
  declare private width: number
  /** Ids of the people whose rows are near the viewport. */
  declare private near: ReadonlySet<number>
  /** Id of the person at whom the Tab key enters the list. */
  declare private stop: number | null

  private visibility: IntersectionObserver | undefined
  private size: ResizeObserver | undefined
  private observed = new Map<number, Element>()
  /** Draws all lines for printing. The elements update before the browser prints. */
  private readonly showAll = (): void => {
    this.near = new Set(this.people.map((person) => person.id))
  }

  constructor() {
    super()
    this.people = []
    this.failedOf = () => []
    this.chosen = null
    this.now = 0
    this.width = 0
    this.near = new Set()
    this.stop = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.visibility = new IntersectionObserver((entries) => this.updateNear(entries), { rootMargin: DRAW_MARGIN })
    this.size = new ResizeObserver(([entry]) => (this.width = Math.floor(entry?.contentRect.width ?? 0)))
    addEventListener('beforeprint', this.showAll)
    if (this.hasUpdated) this.observeRows()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.visibility?.disconnect()
    this.size?.disconnect()
    this.observed.clear()
    removeEventListener('beforeprint', this.showAll)
  }

  protected override render(): TemplateResult {
    const first = this.people[0]?.id
    const stop = this.people.some((person) => person.id === this.stop) ? this.stop : (this.chosen ?? first)
    return html`
      ${legend}
      <div class="row" aria-hidden="true"><div class="ruler"></div></div>
      <ul
        class="list"
        role="list"
        aria-label="People"
        @keydown=${this.handleKey}
        @line-left=${() => this.row(this.stop)?.focus()}
        @focusin=${this.rememberFocus}
      >
        ${repeat(
          this.people,
          (person) => person.id,
          (person) =>
            html`<li data-id=${person.id} class=${person.id === this.chosen ? 'chosen' : ''}>
              <person-row
                .person=${person}
                .failed=${this.failedOf(person)}
                .width=${this.width}
                .chosen=${person.id === this.chosen}
                .stop=${person.id === stop}
                .near=${this.near.has(person.id)}
                .now=${this.now}
                >${person.id === this.chosen ? html`<slot></slot>` : nothing}</person-row
              >
            </li>`,
        )}
      </ul>
    `
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('people')) this.observeRows()
  }

  /** Scrolls to a person, if in the list. */
  async reveal(id: number): Promise<void> {
    await this.updateComplete
    this.item(id)?.scrollIntoView({ block: 'nearest' })
  }

  private observeRows(): void {
    const ruler = this.renderRoot.querySelector('.ruler')
    if (ruler) this.size?.observe(ruler)
    const removed = new Set(this.observed.keys())
    for (const item of this.renderRoot.querySelectorAll<HTMLElement>('.list > li')) {
      const id = Number(item.dataset.id)
      removed.delete(id)
      if (this.observed.get(id) === item) continue
      this.observed.set(id, item)
      this.visibility?.observe(item)
    }
    for (const id of removed) {
      this.visibility?.unobserve(this.observed.get(id)!)
      this.observed.delete(id)
    }
  }

  private updateNear(entries: readonly IntersectionObserverEntry[]): void {
    const near = new Set(this.near)
    for (const { target, isIntersecting } of entries) {
      const id = Number((target as HTMLElement).dataset.id)
      if (isIntersecting) near.add(id)
      else near.delete(id)
    }
    this.near = near
  }

  private handleKey(event: KeyboardEvent): void {
    const at = this.people.findIndex((person) => person.id === this.stop)
    const last = this.people.length - 1
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key]
    if (event.key === 'ArrowRight') this.row(this.stop)?.enterLine()
    else if (to !== undefined) this.row(this.people[to]?.id ?? null)?.focus()
    else return
    event.preventDefault()
  }

  private rememberFocus(event: FocusEvent): void {
    const item = event.composedPath().find((node) => node instanceof HTMLElement && node.dataset.id !== undefined)
    if (item instanceof HTMLElement) this.stop = Number(item.dataset.id)
  }

  private item(id: number): HTMLElement | null {
    return this.renderRoot.querySelector(`li[data-id="${id}"]`)
  }

  private row(id: number | null): PersonRow | null {
    return id === null ? null : (this.item(id)?.querySelector('person-row') ?? null)
  }
}

/** In the order of the marks on a line. */
const legend = html`<ul class="legend" aria-label="Legend of the marks">
  <li>${markGlyph('visit', 'anonymous')} anonymous visit</li>
  <li>${markGlyph('visit', 'joined')} visit before becoming known</li>
  <li>${markGlyph('known', 'joined')} became known</li>
  <li>${markGlyph('visit', 'known')} visit of a known person</li>
  <li>${markGlyph('sync', 'known')} written by a call</li>
  <li>${markGlyph('fault', 'known')} failed call</li>
</ul>`

declare global {
  interface HTMLElementTagNameMap {
    'people-list': PeopleList
  }
}
