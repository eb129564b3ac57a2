/**
 * Lists people. The up and down keys move between people, the right key moves into a line.
 *
 * Only rows near the viewport exist, so that a long list stays fast. Rows are keyed by the person's id and depend only on
 * their own person, so that a change of one updates no other row. The order is that of `people`: the list changes none.
 *
 * @slot the open call, inside the selected row
 */
import { WindowVirtualizerController, defaultRangeExtractor, type Range } from '@tanstack/lit-virtual'
import { LitElement, css, html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView, PersonView } from '../../view.ts'
import { markGlyph, markStyles } from '../line/marks.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ROW_HEIGHT_PX, ROW_PADDING_PX, type PersonRow } from './person-row.ts'

/** Number of rows that exist above and below those that are seen. */
const OVERSCAN_ROWS = 6
/** Space that the bar at the top of the window covers. */
const BAR_HEIGHT_PX = 72

/** A row and its distance from the top of the list. */
interface Place {
  index: number
  top: number
}

export class PeopleList extends LitElement {
  static override properties = {
    people: { attribute: false },
    failedOf: { attribute: false },
    chosen: { attribute: false },
    newest: { attribute: false },
    /** Epoch milliseconds. */
    now: { type: Number },
    width: { state: true },
    printing: { state: true },
    stop: { state: true },
  }

  static override styles = [
    baseStyles,
    markStyles,
    css`
      :host {
        container: people / inline-size;
      }
      :host(:not([hidden])) {
        display: flex;
        flex-direction: column;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0 20px;
        padding: 4px 16px 8px;
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
      .list {
        position: relative;
        border-top: 1px solid var(--hairline);
      }
      @container people (max-width: 559px) {
        .legend {
          order: 1;
          padding-block: 16px;
        }
      }
      .list > li {
        position: absolute;
        inset-inline: 0;
        /* Contains the margins of the selected row, so that its height can be measured. */
        display: flow-root;
      }
      .list.printed > li {
        position: static;
        break-inside: avoid;
      }
    `,
  ]

  declare people: readonly PersonView[]
  /** Returns the failed calls about a person. The same array until there is a new one. */
  declare failedOf: (person: PersonView) => readonly CallView[]
  declare chosen: number | null
  /** Id of the person who became known last. */
  declare newest: number | null
  declare now: number
  /** Width of a line. */
  declare private width: number
  /** True: all rows exist. The elements update before the browser prints. */
  declare private printing: boolean
  /** Id of the person at whom the Tab key enters the list. */
  declare private stop: number | null

  private readonly rows = new WindowVirtualizerController<HTMLElement>(this, {
    count: 0,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: OVERSCAN_ROWS,
  })
  private readonly size = new ResizeObserver(([entry]) => {
    this.width = Math.max(0, Math.floor(entry?.contentRect.width ?? 0) - 2 * ROW_PADDING_PX)
  })
  private readonly startPrinting = (): void => void (this.printing = true)
  private readonly endPrinting = (): void => void (this.printing = false)

  constructor() {
    super()
    this.people = []
    this.failedOf = () => []
    this.chosen = null
    this.newest = null
    this.now = 0
    this.width = 0
    this.printing = false
    this.stop = null
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.size.observe(this)
    addEventListener('beforeprint', this.startPrinting)
    addEventListener('afterprint', this.endPrinting)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.size.disconnect()
    removeEventListener('beforeprint', this.startPrinting)
    removeEventListener('afterprint', this.endPrinting)
  }

  protected override willUpdate(): void {
    const { people } = this
    const rows = this.rows.getVirtualizer()
    rows.setOptions({
      ...rows.options,
      count: people.length,
      scrollMargin: this.distanceFromTop(),
      scrollPaddingStart: BAR_HEIGHT_PX,
      getItemKey: (index) => people[index]?.id ?? index,
      rangeExtractor: (range) => this.withFocus(range),
    })
  }

  protected override render(): TemplateResult {
    const places = this.places()
    const total = this.rows.getVirtualizer().getTotalSize()
    const stop = this.stopAmong(places)
    return html`
      ${legend}
      <ul
        class=${this.printing ? 'list printed' : 'list'}
        role="list"
        aria-label="People"
        .style=${this.printing ? '' : `height:${total}px`}
        @keydown=${this.handleKey}
        @line-left=${() => this.row(this.stop)?.focus()}
        @focusin=${this.rememberFocus}
      >
        ${repeat(
          places,
          ({ index }) => this.people[index]?.id,
          (place) => this.item(place, stop),
        )}
      </ul>
    `
  }

  protected override updated(): void {
    const rows = this.rows.getVirtualizer()
    if (!this.printing) for (const item of this.items()) rows.measureElement(item)
    // Forgets the rows that are gone.
    rows.measureElement(null)
    // What is above the list may have grown in the same update.
    if (this.distanceFromTop() !== rows.options.scrollMargin) this.requestUpdate()
  }

  private item({ index, top }: Place, stop: number | undefined): TemplateResult | typeof nothing {
    const person = this.people[index]
    if (!person) return nothing
    const isChosen = person.id === this.chosen
    return html`<li
      data-index=${index}
      data-id=${person.id}
      aria-posinset=${index + 1}
      aria-setsize=${this.people.length}
      .style=${this.printing ? '' : `top:${top}px`}
    >
      <person-row
        .person=${person}
        .failed=${this.failedOf(person)}
        .width=${this.width}
        .chosen=${isChosen}
        .newest=${person.id === this.newest}
        .stop=${person.id === stop}
        .now=${this.now}
        >${isChosen ? html`<slot></slot>` : nothing}</person-row
      >
    </li>`
  }

  /** Returns the rows that exist: those near the viewport, or all of them on paper. */
  private places(): Place[] {
    if (this.printing) return this.people.map((_, index) => ({ index, top: 0 }))
    const rows = this.rows.getVirtualizer()
    const margin = rows.options.scrollMargin
    return rows.getVirtualItems().map(({ index, start }) => ({ index, top: start - margin }))
  }

  /** Adds the row with the focus to a range, so that a row never disappears together with the focus. */
  private withFocus(range: Range): number[] {
    const indexes = defaultRangeExtractor(range)
    const focused = this.shadowRoot?.activeElement ? this.indexOf(this.stop) : -1
    return focused < 0 || indexes.includes(focused) ? indexes : [...indexes, focused].toSorted((a, b) => a - b)
  }

  /** Returns the person at whom the Tab key enters: the last one with the focus, the selected one, or the first. */
  private stopAmong(places: readonly Place[]): number | undefined {
    const ids = places.flatMap(({ index }) => this.people[index]?.id ?? [])
    return [this.stop, this.chosen].find((id) => id !== null && ids.includes(id)) ?? ids[0]
  }

  private distanceFromTop(): number {
    const list = this.renderRoot?.querySelector('.list')
    return list ? Math.round(list.getBoundingClientRect().top + scrollY) : 0
  }

  private handleKey(event: KeyboardEvent): void {
    const at = this.indexOf(this.stop)
    const last = this.people.length - 1
    const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key]
    if (event.key === 'ArrowRight') this.row(this.stop)?.enterLine()
    else if (to !== undefined) void this.focusRow(to)
    else return
    event.preventDefault()
  }

  /** Moves the focus to a row, which may not exist yet. */
  private async focusRow(index: number): Promise<void> {
    const id = this.people[index]?.id
    if (id === undefined) return
    this.stop = id
    if (!this.row(id)) {
      this.rows.getVirtualizer().scrollToIndex(index)
      this.requestUpdate()
      await this.updateComplete
      await this.row(id)?.updateComplete
    }
    this.row(id)?.focus()
  }

  private rememberFocus(event: FocusEvent): void {
    const item = event.composedPath().find((node) => node instanceof HTMLElement && node.dataset.id !== undefined)
    if (item instanceof HTMLElement) this.stop = Number(item.dataset.id)
  }

  private indexOf(id: number | null): number {
    return this.people.findIndex((person) => person.id === id)
  }

  private items(): NodeListOf<HTMLElement> {
    return this.renderRoot.querySelectorAll<HTMLElement>('.list > li')
  }

  private row(id: number | null): PersonRow | null {
    return id === null ? null : this.renderRoot.querySelector<PersonRow>(`li[data-id="${id}"] > person-row`)
  }

  /** Moves the focus to the first row. */
  focusFirst(): void {
    void this.focusRow(0)
  }

  /** Moves the focus to a person, if in the list. */
  focusPerson(id: number | null): void {
    void this.focusRow(this.indexOf(id))
  }
}

/** What the sentence at the top of the page does not tell. */
const legend = html`<ul class="legend" aria-label="Legend of the marks">
  <li>${markGlyph('known', 'joined')} became known</li>
  <li>${markGlyph('visit', 'known')} visit since then</li>
  <li>${markGlyph('sync', 'known')} written by a program</li>
  <li>${markGlyph('fault', 'known')} failed call</li>
</ul>`

declare global {
  interface HTMLElementTagNameMap {
    'people-list': PeopleList
  }
}
