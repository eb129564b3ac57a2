/**
 * Composes the page: filter, selected person, open call. Passes the stored data to the elements and handles their events.
 * Makes no request itself.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallDetail, CallView, PersonView } from '../../view.ts'
import { SHOW_ALL, countKinds, passes, type Filter } from '../data/filters.ts'
import type { Journeys } from '../data/journeys.ts'
import { nameOf } from '../data/names.ts'
import { callToShow, lastCall, lastKnown, wrote } from '../data/person-calls.ts'
import { markShape } from '../line/marks.ts'
import { CallReader } from './call-reader.ts'
import type { ChoosePerson, ReadCall } from './events.ts'
import type { FilterPeople, FollowNews } from './filter-bar.ts'
import { pageStyles } from './page-styles.ts'

/** In a wide window a call opens beside the list, otherwise below its person. */
const WIDE = '(min-width: 960px)'

export class JourneysPage extends LitElement {
  static override properties = {
    journeys: { attribute: false },
    site: {},
    filter: { state: true },
    chosen: { state: true },
    follow: { state: true },
    announcement: { state: true },
    isWide: { state: true },
  }

  static override styles = pageStyles

  declare journeys: Journeys | undefined
  /** URL of the site; empty if unknown. */
  declare site: string
  /** Loads request and reply of a call; null if they are no longer stored. */
  detailOf: (number: number) => Promise<CallDetail | null> = async () => null
  /** Returns epoch milliseconds. */
  clock: () => number = () => 0

  declare private filter: Filter
  declare private chosen: number | null
  declare private follow: boolean
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
  /** True once the first data has been shown. */
  private hasOpened = false

  constructor() {
    super()
    this.site = ''
    this.filter = SHOW_ALL
    this.chosen = null
    this.follow = true
    this.announcement = ''
    this.isWide = this.wideQuery.matches
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.wideQuery.addEventListener('change', this.updateWidth)
    this.listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.wideQuery.removeEventListener('change', this.updateWidth)
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
        <limits-bar .limits=${journeys.limits}></limits-bar>
        <connection-status .connection=${journeys.connection}></connection-status>
      </header>
      ${empty ? this.emptyContent(journeys) : this.content(journeys)}
      <p class="screen-reader-only" aria-live="polite">${this.announcement}</p>
    `
  }

  private emptyContent(journeys: Journeys): TemplateResult | typeof nothing {
    return html`<main>${journeys.loaded ? html`<first-steps .site=${this.site}></first-steps>` : nothing}</main>`
  }

  private content(journeys: Journeys): TemplateResult {
    const { failed } = journeys
    const shown = journeys.people.filter((person) => passes(person, failed.of(person).length > 0, this.filter))
    const { reading } = this.reader
    const inRow = !this.isWide && reading !== null && this.isOfChosen(reading.call)
    return html`
      <filter-bar
        role="search"
        .filter=${this.filter}
        .counts=${countKinds(journeys.people, (person) => failed.of(person).length > 0)}
        .follow=${this.follow}
        @filter-people=${(event: FilterPeople) => (this.filter = event.filter)}
        @follow-news=${(event: FollowNews) => (this.follow = event.follow)}
      ></filter-bar>
      <div class="columns" @choose-person=${this.choose} @read-call=${this.read}>
        <main>
          <h2 class="screen-reader-only">People</h2>
          ${shown.length === 0 ? this.noMatch() : nothing}
          <people-list
            ?hidden=${shown.length === 0}
            .people=${shown}
            .failedOf=${(person: PersonView) => failed.of(person)}
            .chosen=${this.chosen}
            .now=${new Date(this.clock()).setHours(0, 0, 0, 0)}
            >${inRow ? this.panel() : nothing}</people-list
          >
        </main>
        <aside aria-label="Calls">
          <call-log
            .calls=${journeys.calls}
            .failedOnly=${this.filter.show === 'fault'}
            .foldable=${!this.isWide}
            .reading=${reading?.call.number ?? null}
            .nameOf=${(call: CallView) => nameOfOwner(journeys, call)}
          ></call-log>
          ${inRow ? nothing : (this.panel() ?? this.hint(journeys))}
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

  /** Renders a hint beside the list while no call is open. */
  private hint(journeys: Journeys): TemplateResult | typeof nothing {
    if (!this.isWide) return nothing
    const person = this.chosen === null ? undefined : journeys.person(this.chosen)
    return html`<p class="hint">
      ${
        person && !person.known
          ? 'This visitor is anonymous. When the visitor sends a form, the call that adds the name opens here.'
          : 'Choose a person to see the call that made them known.'
      }
    </p>`
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
    if (journeys.loaded && !this.hasOpened) this.openLastKnown(journeys)
    this.requestUpdate()
  }

  /** Selects the last person who became known, if the window is wide. */
  private openLastKnown(journeys: Journeys): void {
    this.hasOpened = true
    if (!this.isWide) return
    const person = lastKnown(journeys.people)
    if (!person) return
    this.chosen = person.id
    this.reader.open(callToShow(person))
  }

  private handleBecameKnown(person: PersonView, visitor: number): void {
    this.announcement = `${nameOf(person)} became known.`
    if (!this.follow && this.chosen !== visitor && this.chosen !== person.id) return
    this.chosen = person.id
    // Opens the last call, because the person may have been known with another cookie before.
    this.reader.open(lastCall(person))
    void this.renderRoot.querySelector('people-list')?.reveal(person.id)
  }

  private choose({ id }: ChoosePerson): void {
    const isOpen = this.chosen === id
    const person = isOpen ? undefined : this.journeys?.person(id)
    this.chosen = person ? id : null
    this.reader.open(person ? callToShow(person) : null)
  }

  private read({ number }: ReadCall): void {
    const call = number === null ? undefined : this.journeys?.call(number)
    const owner = call && this.journeys?.ownerOf(call)
    if (owner) this.chosen = owner.id
    this.reader.open(number)
  }

  private isOfChosen(call: CallView): boolean {
    const person = this.chosen === null ? undefined : this.journeys?.person(this.chosen)
    if (!person) return false
    return wrote(call.number, person) || this.journeys?.ownerOf(call) === person
  }
}

const NO_MATCH = {
  all: 'Nobody has come yet.',
  known: 'Nobody is known yet.',
  anonymous: 'Everybody here is known.',
  form: 'Nobody has sent a form yet.',
  fault: 'No failed call concerns anybody here.',
}

function nameOfOwner(journeys: Journeys, call: CallView): string {
  const owner = journeys.ownerOf(call)
  return owner ? nameOf(owner) : ''
}

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
