/**
 * The page: who is shown, who is chosen, which call is read. It asks the journeys and hands each element its part;
 * what the reader does comes back as events.
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { CallDetail, CallView, PersonView } from '../../view.ts'
import { EVERYBODY, countKinds, passes, type Filter } from '../data/filters.ts'
import type { Journeys } from '../data/journeys.ts'
import { callToRead, lastCall, lastKnown, wrote } from '../data/person-calls.ts'
import { nameOf } from '../data/names.ts'
import { markShape } from '../line/marks.ts'
import type { ChoosePerson, ReadCall } from './events.ts'
import type { FilterPeople, FollowNews } from './filter-bar.ts'
import { pageStyles } from './page-styles.ts'
import { Reader } from './call-reader.ts'

/** Where there is room for it a call opens beside the list, elsewhere under its person. */
const BESIDE = '(min-width: 960px)'

export class JourneysPage extends LitElement {
  static override properties = {
    journeys: { attribute: false },
    site: {},
    filter: { state: true },
    chosen: { state: true },
    follow: { state: true },
    said: { state: true },
    beside: { state: true },
  }

  static override styles = pageStyles

  declare journeys: Journeys | undefined
  /** The site's address, or empty. */
  declare site: string
  /** What went over the wire in one call; null when there is no such call any more. */
  detailOf: (number: number) => Promise<CallDetail | null> = async () => null
  /** Epoch milliseconds. */
  clock: () => number = () => 0

  declare private filter: Filter
  declare private chosen: number | null
  declare private follow: boolean
  /** What a screen reader is told. */
  declare private said: string
  declare private beside: boolean

  private stopListening: (() => void) | undefined
  private readonly room = matchMedia(BESIDE)
  private readonly fit = (): void => {
    this.beside = this.room.matches
  }
  private readonly reader = new Reader({
    callOf: (number) => this.journeys?.call(number),
    detailOf: (number) => this.detailOf(number),
    changed: () => this.requestUpdate(),
  })
  /** Whether somebody was chosen to begin with, so that the page opens on a story. */
  private begun = false

  constructor() {
    super()
    this.site = ''
    this.filter = EVERYBODY
    this.chosen = null
    this.follow = true
    this.said = ''
    this.beside = this.room.matches
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.room.addEventListener('change', this.fit)
    this.listen()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.room.removeEventListener('change', this.fit)
    this.stopListening?.()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('journeys')) this.listen()
  }

  /** News may come by the hundred: they are drawn together, a frame at a time. */
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
        <live-mark .link=${journeys.link}></live-mark>
      </header>
      ${empty ? this.nobody(journeys) : this.somebody(journeys)}
      <p class="spoken" aria-live="polite">${this.said}</p>
    `
  }

  private nobody(journeys: Journeys): TemplateResult | typeof nothing {
    return html`<main>${journeys.loaded ? html`<first-steps .site=${this.site}></first-steps>` : nothing}</main>`
  }

  private somebody(journeys: Journeys): TemplateResult {
    const { failed } = journeys
    const shown = journeys.people.filter((person) => passes(person, failed.of(person).length > 0, this.filter))
    const { reading } = this.reader
    const inRow = !this.beside && reading !== null && this.isOfChosen(reading.call)
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
          <h2 class="spoken">People</h2>
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
            .foldable=${!this.beside}
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

  /** What stands where a call would, at the side. */
  private hint(journeys: Journeys): TemplateResult | typeof nothing {
    if (!this.beside) return nothing
    const person = this.chosen === null ? undefined : journeys.person(this.chosen)
    return html`<p class="hint">
      ${
        person && !person.known
          ? 'Nobody knows yet who this is. When they send a form, the call that gives them a name opens here.'
          : 'Choose somebody to read the call that gave them a name.'
      }
    </p>`
  }

  private noMatch(): TemplateResult {
    const { show, query } = this.filter
    return html`<div class="no-match">
      <p>${query ? `Nobody here matches “${query}”.` : NOBODY[show]}</p>
      <button type="button" @click=${() => (this.filter = EVERYBODY)}>Show everybody</button>
    </div>`
  }

  private listen(): void {
    this.stopListening?.()
    this.stopListening = this.journeys?.listen({
      changed: () => this.takeChange(),
      becameKnown: (person, visitor) => this.welcome(person, visitor),
    })
  }

  private takeChange(): void {
    const { journeys } = this
    if (!journeys) return
    this.reader.refresh()
    if (journeys.loaded && !this.begun) this.begin(journeys)
    this.requestUpdate()
  }

  /** Opens on the last person who became known, where there is room for their call beside the list. */
  private begin(journeys: Journeys): void {
    this.begun = true
    if (!this.beside) return
    const person = lastKnown(journeys.people)
    if (!person) return
    this.chosen = person.id
    this.reader.open(callToRead(person))
  }

  private welcome(person: PersonView, visitor: number): void {
    this.said = `${nameOf(person)} became known.`
    if (!this.follow && this.chosen !== visitor && this.chosen !== person.id) return
    this.chosen = person.id
    // The last that wrote, since they may have been known under another cookie before.
    this.reader.open(lastCall(person))
    void this.renderRoot.querySelector('people-list')?.reveal(person.id)
  }

  private choose({ id }: ChoosePerson): void {
    const again = this.chosen === id
    const person = again ? undefined : this.journeys?.person(id)
    this.chosen = person ? id : null
    this.reader.open(person ? callToRead(person) : null)
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

const NOBODY = {
  all: 'Nobody has come yet.',
  known: 'Nobody is known yet.',
  anonymous: 'Everybody here is known.',
  form: 'Nobody has sent a form yet.',
  fault: 'No call that failed was about anybody here.',
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
