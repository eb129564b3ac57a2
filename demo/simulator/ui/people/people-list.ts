/**
 * Everybody, one row each, the latest to come on top. Up and down walk from person to person, right goes into a line.
 *
 * Rows are kept by a person's id, and a row is told only of its own person: news of one touches no other.
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView, PersonView } from '../../view.ts'
import { markGlyph, markStyles } from '../line/marks.ts'
import { baseStyles } from '../page/base-styles.ts'
import type { PersonRow } from './person-row.ts'
import { rowGrid } from './row-grid.ts'

/** How far from what is seen a line is drawn already. */
const AHEAD = '600px'

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
  /** The calls about a person that failed; the same array as long as there is no new one. */
  declare failedOf: (person: PersonView) => readonly CallView[]
  declare chosen: number | null
  declare now: number
  declare private width: number
  /** Who is near what is seen. */
  declare private near: ReadonlySet<number>
  /** Where the Tab key enters the list. */
  declare private stop: number | null

  private sight: IntersectionObserver | undefined
  private measure: ResizeObserver | undefined
  private watched = new Map<number, Element>()
  /** On paper all lines are seen. Elements draw themselves before the browser goes on to print. */
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
    this.sight = new IntersectionObserver((entries) => this.see(entries), { rootMargin: AHEAD })
    this.measure = new ResizeObserver(([entry]) => (this.width = Math.floor(entry?.contentRect.width ?? 0)))
    addEventListener('beforeprint', this.showAll)
    if (this.hasUpdated) this.watch()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.sight?.disconnect()
    this.measure?.disconnect()
    this.watched.clear()
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
        @keydown=${this.walk}
        @line-left=${() => this.row(this.stop)?.focus()}
        @focusin=${this.remember}
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
    if (changed.has('people')) this.watch()
  }

  /** Brings a person into view, if they are in the list. */
  async reveal(id: number): Promise<void> {
    await this.updateComplete
    this.item(id)?.scrollIntoView({ block: 'nearest' })
  }

  private watch(): void {
    const ruler = this.renderRoot.querySelector('.ruler')
    if (ruler) this.measure?.observe(ruler)
    const gone = new Set(this.watched.keys())
    for (const item of this.renderRoot.querySelectorAll<HTMLElement>('.list > li')) {
      const id = Number(item.dataset.id)
      gone.delete(id)
      if (this.watched.get(id) === item) continue
      this.watched.set(id, item)
      this.sight?.observe(item)
    }
    for (const id of gone) {
      this.sight?.unobserve(this.watched.get(id)!)
      this.watched.delete(id)
    }
  }

  private see(entries: readonly IntersectionObserverEntry[]): void {
    const near = new Set(this.near)
    for (const { target, isIntersecting } of entries) {
      const id = Number((target as HTMLElement).dataset.id)
      if (isIntersecting) near.add(id)
      else near.delete(id)
    }
    this.near = near
  }

  private walk(event: KeyboardEvent): void {
    const at = this.people.findIndex((person) => person.id === this.stop)
    const last = this.people.length - 1
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key]
    if (event.key === 'ArrowRight') this.row(this.stop)?.enterLine()
    else if (to !== undefined) this.row(this.people[to]?.id ?? null)?.focus()
    else return
    event.preventDefault()
  }

  private remember(event: FocusEvent): void {
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

/** In the order in which they stand on a line. */
const legend = html`<ul class="legend" aria-label="What the marks mean">
  <li>${markGlyph('visit', 'unseen')} unknown</li>
  <li>${markGlyph('visit', 'joined')} known in hindsight</li>
  <li>${markGlyph('known', 'joined')} became known</li>
  <li>${markGlyph('visit', 'known')} known</li>
  <li>${markGlyph('sync', 'known')} written</li>
  <li>${markGlyph('fault', 'known')} failed</li>
</ul>`

declare global {
  interface HTMLElementTagNameMap {
    'people-list': PeopleList
  }
}
