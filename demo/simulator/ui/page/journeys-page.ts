/**
 * Composes the page: filter, selected person, open call. Passes the stored data to the elements and handles their events.
 * Makes no request itself.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallDetail, CallView, PersonView } from '../../view.ts'
import { SHOW_ALL, countKinds, passes, type Filter } from '../data/filters.ts'
import type { Journeys } from '../data/journeys.ts'
import { count, nameOf } from '../data/names.ts'
import { lastKnown } from '../data/order.ts'
import { Shown } from '../data/shown.ts'
import { markGlyph, markShape } from '../line/marks.ts'
import { CallReader } from './call-reader.ts'
import type { ChoosePerson, ReadCall } from './events.ts'
import type { FilterPeople } from './filter-bar.ts'
import { pageStyles } from './page-styles.ts'

/** In a wide window a call opens beside the list, otherwise below its person. */
const WIDE = '(min-width: 960px)'

/** Up to this number of people, who fit on a screen, the list follows by itself while nobody reads. */
const MAX_CALM_PEOPLE = 8

export class JourneysPage extends LitElement {
  static override properties = {
    journeys: { attribute: false },
    site: {},
    munchkinId: {},
    filter: { state: true },
    chosen: { state: true },
    announcement: { state: true },
    isWide: { state: true },
  }

  static override styles = pageStyles

  declare journeys: Journeys | undefined
  /** URL of the site; empty if unknown. */
  declare site: string
  /** Munchkin id of the account; empty if unknown. */
  declare munchkinId: string
  /** Loads request and reply of a call; null if they are no longer stored. */
  detailOf: (number: number) => Promise<CallDetail | null> = async () => null
  /** Returns epoch milliseconds. */
  clock: () => number = () => 0

  declare private filter: Filter
  declare private chosen: number | null
  /** Text for screen readers. */
  declare private announcement: string
  declare private isWide: boolean

  private stopListening: (() => void) | undefined
  private readonly wideQuery = matchMedia(WIDE)
  private readonly updateWidth = (): void => {
    this.isWide = this.wideQuery.matches
  }
  private readonly reader = new CallReader({
    callOf: (number) => this.journeys?.call(number),
    detailOf: (number) => this.detailOf(number),
    changed: () => this.requestUpdate(),
  })
  private readonly shown = new Shown()
  /** True until the first data has been shown, and while nobody sees the page: it then follows by itself. */
  private unseen = true
  private readonly updateVisibility = (): void => {
    if (document.visibilityState === 'hidden') this.unseen = true
    else this.handleChange()
  }

  constructor() {
    super()
    this.site = ''
    this.munchkinId = ''
    this.filter = SHOW_ALL
    this.chosen = null
    this.announcement = ''
    this.isWide = this.wideQuery.matches
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.wideQuery.addEventListener('change', this.updateWidth)
    document.addEventListener('visibilitychange', this.updateVisibility)
    this.listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.wideQuery.removeEventListener('change', this.updateWidth)
    document.removeEventListener('visibilitychange', this.updateVisibility)
    this.stopListening?.()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('journeys')) this.listen()
  }

  /** Renders once per frame, because hundreds of events may arrive together. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    await super.scheduleUpdate()
  }

  protected override render(): TemplateResult | typeof nothing {
    const { journeys } = this
    if (!journeys) return nothing
    const empty = journeys.people.length === 0 && journeys.calls.length === 0
    return html`
      <header>
        <h1>${emblem} Journeys</h1>
        <connection-status .connection=${journeys.connection}></connection-status>
        ${whatThisIs}
        <limits-bar .limits=${journeys.limits}></limits-bar>
      </header>
      ${empty ? this.emptyContent(journeys) : this.content(journeys)}
      <p class="screen-reader-only" aria-live="polite">${this.announcement}</p>
    `
  }

  private emptyContent(journeys: Journeys): TemplateResult | typeof nothing {
    return html`<main>
      ${journeys.loaded ? html`<first-steps .site=${this.site} .munchkinId=${this.munchkinId}></first-steps>` : nothing}
    </main>`
  }

  private content(journeys: Journeys): TemplateResult {
    const { failed } = journeys
    const people = this.shown.people(journeys)
    const calls = this.shown.calls(journeys)
    const failedCalls = calls.filter((call) => !call.ok)
    const listed = people.filter((person) => passes(person, failed.of(person).length > 0, this.filter))
    const { reading } = this.reader
    const inRow = !this.isWide && reading !== null && this.isOfChosen(reading.call)
    return html`
      <filter-bar
        role="search"
        .filter=${this.filter}
        .counts=${countKinds(people, failedCalls.length)}
        @filter-people=${(event: FilterPeople) => (this.filter = event.filter)}
      ></filter-bar>
      <news-button .news=${this.shown.news(journeys)} @apply-news=${this.applyNews}></news-button>
      <div class="columns" @choose-person=${this.choose} @read-call=${this.read}>
        <main>
          <h2 class="screen-reader-only">People</h2>
          ${this.filter.show === 'fault' ? ofNobody(failedCalls, journeys) : nothing}
          ${listed.length === 0 ? this.noMatch() : nothing}
          <people-list
            ?hidden=${listed.length === 0}
            .people=${listed}
            .failedOf=${(person: PersonView) => failed.of(person)}
            .chosen=${this.chosen}
            .newest=${lastKnown(people)?.id ?? null}
            .now=${new Date(this.clock()).setHours(0, 0, 0, 0)}
            >${inRow ? this.panel() : nothing}</people-list
          >
        </main>
        <aside aria-label="Calls">
          <call-log
            .calls=${calls}
            .dropped=${Math.max(0, (calls[0]?.number ?? 1) - 1)}
            .failedOnly=${this.filter.show === 'fault'}
            .foldable=${!this.isWide}
            .compact=${reading !== null && !inRow}
            .reading=${reading?.call.number ?? null}
            .peopleOf=${(call: CallView) => journeys.peopleOf(call)}
          ></call-log>
          ${inRow ? nothing : (this.panel() ?? nothing)}
        </aside>
      </div>
    `
  }

  private panel(): TemplateResult | null {
    const { reading } = this.reader
    return (
      reading &&
      html`<call-panel .call=${reading.call} .detail=${reading.detail} .problem=${reading.problem}></call-panel>`
    )
  }

  private noMatch(): TemplateResult {
    const { show, query } = this.filter
    return html`<div class="no-match">
      <p>${query ? `Nobody here matches “${query}”.` : NO_MATCH[show]}</p>
      <button type="button" @click=${() => (this.filter = SHOW_ALL)}>Show everybody</button>
    </div>`
  }

  private listen(): void {
    this.stopListening?.()
    this.stopListening = this.journeys?.listen({
      changed: () => this.handleChange(),
      becameKnown: (person, visitor) => this.handleBecameKnown(person, visitor),
    })
  }

  private handleChange(): void {
    const { journeys } = this
    if (!journeys) return
    this.reader.refresh()
    if (journeys.loaded && this.mayFollow(journeys)) {
      this.shown.apply(journeys)
      this.unseen = document.visibilityState === 'hidden'
    }
    this.requestUpdate()
  }

  /** Checks whether new rows disturb nobody: the page is not looked at, or it is short and nothing in it is open. */
  private mayFollow(journeys: Journeys): boolean {
    if (this.unseen) return true
    const isRead = this.chosen !== null || this.reader.reading !== null || scrollY > 0
    return !isRead && journeys.people.length <= MAX_CALM_PEOPLE
  }

  /** Shows what is new and takes the reader, who asked for it, to the top of the list. */
  private async applyNews(): Promise<void> {
    if (!this.journeys) return
    this.shown.apply(this.journeys)
    this.requestUpdate()
    await this.updateComplete
    scrollTo({ top: 0 })
    this.renderRoot.querySelector('people-list')?.focusFirst()
  }

  private handleBecameKnown(person: PersonView, visitor: number): void {
    this.announcement = `${nameOf(person)} became known.`
    this.shown.replace(visitor, person.id)
    if (this.chosen === visitor) this.chosen = person.id
    this.requestUpdate()
  }

  private choose({ id }: ChoosePerson): void {
    const person = this.chosen === id ? undefined : this.journeys?.person(id)
    this.chosen = person ? id : null
    this.reader.open(null)
  }

  private read({ number }: ReadCall): void {
    const call = number === null ? undefined : this.journeys?.call(number)
    const [person] = call ? (this.journeys?.peopleOf(call) ?? []) : []
    if (person) this.chosen = person.id
    const closed = number === null ? this.reader.reading?.call.number : undefined
    this.reader.open(number)
    if (closed !== undefined) void this.returnFocus(closed)
  }

  /** Moves the focus from a call that was closed to its sentence, or to its person where the list of calls is folded. */
  private async returnFocus(closed: number): Promise<void> {
    await this.updateComplete
    if (this.renderRoot.querySelector('call-log')?.focusCall(closed)) return
    this.renderRoot.querySelector('people-list')?.focusPerson(this.chosen)
  }

  private isOfChosen(call: CallView): boolean {
    return this.journeys?.peopleOf(call).some((person) => person.id === this.chosen) ?? false
  }
}

const NO_MATCH = {
  all: 'Nobody has come yet.',
  known: 'Nobody is known yet.',
  anonymous: 'Everybody here is known.',
  form: 'Nobody has sent a form yet.',
  fault: 'No failed call concerns anybody who is listed here.',
}

/** Tells how many failed calls are not on the line of anybody, so that the numbers of the page agree. */
function ofNobody(failedCalls: readonly CallView[], journeys: Journeys): TemplateResult | typeof nothing {
  const n = failedCalls.filter((call) => journeys.peopleOf(call).length === 0).length
  if (n === 0) return nothing
  return html`<p class="of-nobody">
    ${count(n, 'failed call')} ${n === 1 ? 'concerns' : 'concern'} nobody who is listed here. The list of calls has
    ${n === 1 ? 'it' : 'them'} too.
  </p>`
}

const whatThisIs = html`<p class="what">
  <span>A Marketo on this machine: each line is a visitor.</span>
  <span>${markGlyph('visit', 'anonymous')} <b>Grey</b>: nobody knows who.</span>
  <span>${markGlyph('visit', 'joined')} <b class="orange">Orange</b>: now you know, back to the first page.</span>
</p>`

const emblem = html`<svg width="44" height="24" viewBox="0 0 44 24" aria-hidden="true">
  <line x1="6" x2="32" y1="12" y2="12"></line>
  <g class="joined" transform="translate(6 12)">${markShape('visit')}</g>
  <g transform="translate(32 12)">${markShape('known')}</g>
</svg>`

declare global {
  interface HTMLElementTagNameMap {
    'journeys-page': JourneysPage
  }
}
