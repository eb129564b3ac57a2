/**
 * Draws a person's line: a ring for each visit, a disc for the moment at which the person became known. When that happens,
 * the line is recoloured from there back to the first visit. The arrow keys move along the marks.
 *
 * @fires read-call when the mark of a call is activated
 * @fires line-left when the focus leaves the line to the left
 */
import { LitElement, html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { CallView, PersonView } from '../../view.ts'
import { nameOf } from '../data/names.ts'
import { baseStyles } from '../page/base-styles.ts'
import { ReadCall } from '../page/events.ts'
import { describe, summary } from './descriptions.ts'
import { layOutLine, type Gap, type LineLayout, type Mark, type MarkName } from './layout.ts'
import { LINE_HEIGHT_PX, LINE_Y_PX, lineStyles } from './line-styles.ts'
import { markShape, markStyles } from './marks.ts'

/** Maximum duration of the recolouring of a whole line. */
const MAX_RECOLOUR_MS = 1000
/** Duration for one gap, if the line has few of them. */
const GAP_RECOLOUR_MS = 160

export class PersonLine extends LitElement {
  static override properties = {
    person: { attribute: false },
    failed: { attribute: false },
    width: { type: Number },
    /** True: the person is selected, and the Tab key stops here. */
    chosen: { type: Boolean },
    active: { state: true },
  }

  static override styles = [baseStyles, markStyles, lineStyles]

  declare person: PersonView
  declare failed: readonly CallView[]
  declare width: number
  declare chosen: boolean
  /** Key of the mark that is hovered or focused. */
  declare private active: string | null
  private layout: LineLayout = { marks: [], gaps: [], end: 0 }
  /** Keys of the marks that have just been added. Empty when the line is first drawn. */
  private fresh: ReadonlySet<string> = new Set()
  /** True: the person has just become known, and the line is being recoloured. */
  private turning = false

  constructor() {
    super()
    this.failed = []
    this.width = 0
    this.chosen = false
    this.active = null
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('person') && !changed.has('failed') && !changed.has('width')) return
    const before = changed.get('person')
    const drawn = this.hasUpdated ? this.layout.marks.map((mark) => mark.key) : undefined
    this.layout = layOutLine(this.person, this.failed, this.width)
    this.turning = before !== undefined && before.id === this.person.id && !before.known && this.person.known
    const old = new Set(drawn)
    this.fresh = new Set(drawn ? this.layout.marks.map((mark) => mark.key).filter((key) => !old.has(key)) : [])
  }

  protected override render(): TemplateResult {
    const { marks, gaps, end } = this.layout
    const active = marks.find((mark) => mark.key === this.active)
    const stop = active ?? marks[0]
    // The recolouring starts at the gap next to the `known` mark.
    const joined = gaps.filter((gap) => gap.tone === 'joined').length
    const step = Math.min(GAP_RECOLOUR_MS, MAX_RECOLOUR_MS / Math.max(1, joined))
    return html`
      <svg
        width=${this.width}
        height=${LINE_HEIGHT_PX}
        role="group"
        aria-label=${`Journey of ${nameOf(this.person)}: ${summary(marks)}`}
        .style=${`--step:${step}ms`}
        @keydown=${this.handleKey}
        @pointerleave=${() => (this.active = null)}
      >
        ${
          this.person.known
            ? nothing
            : svg`<line class="tail" x1=${end + 8} x2=${end + 40} y1=${LINE_Y_PX} y2=${LINE_Y_PX}></line>`
        }
        ${repeat(
          gaps,
          (gap) => gap.key,
          (gap, i) => this.gap(gap, joined - 1 - i),
        )}
        ${repeat(
          marks,
          (mark) => mark.key,
          (mark, i) => this.mark(mark, mark === stop, joined - 1 - i),
        )}
        ${marks.map((mark) => (mark.name ? nameText(mark, mark.name) : nothing))}
      </svg>
      ${active ? tip(active) : nothing}
    `
  }

  private gap({ from, to, tone, kind, label }: Gap, nth: number): TemplateResult {
    const turning = this.turning && tone === 'joined'
    return svg`
      ${turning ? svg`<line class="gap ${kind}" x1=${from} x2=${to} y1=${LINE_Y_PX} y2=${LINE_Y_PX}></line>` : nothing}
      <line
        class="gap ${tone} ${kind} ${turning ? 'turning' : ''}"
        x1=${from} x2=${to} y1=${LINE_Y_PX} y2=${LINE_Y_PX} .style=${turning ? `--nth:${nth}` : ''}></line>
      ${label ? svg`<text x=${(from + to) / 2} y=${LINE_Y_PX + 24} aria-hidden="true">${label}</text>` : nothing}
    `
  }

  private mark(mark: Mark, isStop: boolean, nth: number): TemplateResult {
    const turning = this.turning && mark.kind === 'visit' && mark.tone === 'joined'
    const classes = [
      'mark',
      mark.tone,
      turning ? 'turning' : '',
      this.fresh.has(mark.key) ? 'fresh' : '',
      mark.key === this.active ? 'active' : '',
    ]
    return svg`
      <g
        class=${classes.filter(Boolean).join(' ')}
        data-key=${mark.key}
        role=${mark.kind === 'visit' ? 'img' : 'button'}
        aria-label=${describe(mark).join(', ')}
        tabindex=${this.chosen && isStop ? 0 : -1}
        transform="translate(${mark.x} ${LINE_Y_PX})"
        .style=${turning ? `--nth:${nth}` : ''}
        @pointerenter=${() => (this.active = mark.key)}
        @focus=${() => (this.active = mark.key)}
        @blur=${() => (this.active = null)}
        @click=${(event: Event) => this.open(mark, event)}
      >
        <circle class="reach" r="13"></circle>
        <g class="shape">${markShape(mark.kind)}</g>
      </g>
    `
  }

  private open(mark: Mark, event: Event): void {
    if (mark.kind === 'visit') return
    event.stopPropagation()
    this.dispatchEvent(new ReadCall(mark.call))
  }

  private handleKey(event: KeyboardEvent): void {
    const { marks } = this.layout
    const focused = event.target instanceof SVGElement ? event.target.dataset['key'] : undefined
    const at = marks.findIndex((mark) => mark.key === focused)
    if (event.key === 'Escape') this.active = null
    else if (event.key === 'ArrowLeft' && at > 0) this.focusMark(at - 1)
    else if (event.key === 'ArrowLeft') this.dispatchEvent(new Event('line-left', { bubbles: true, composed: true }))
    else if (event.key === 'ArrowRight') this.focusMark(Math.min(at + 1, marks.length - 1))
    else if (event.key === 'Home') this.focusMark(0)
    else if (event.key === 'End') this.focusMark(marks.length - 1)
    else if ((event.key === 'Enter' || event.key === ' ') && marks[at]) this.open(marks[at], event)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Moves the focus to the mark with this index. */
  focusMark(index: number): void {
    this.renderRoot.querySelectorAll<SVGGElement>('.mark')[index]?.focus()
  }
}

/** Writes a name above its mark. One at an end of the line begins or ends at the edge of the mark. */
function nameText({ x, kind, tone }: Mark, { text, anchor }: MarkName): TemplateResult {
  const from = x + { start: -6, middle: 0, end: 6 }[anchor]
  return svg`<text class="mark-name ${kind} ${tone} ${anchor}" x=${from} y=${LINE_Y_PX - 15} aria-hidden="true">${text}</text>`
}

function tip(mark: Mark): TemplateResult {
  const [title, ...rest] = describe(mark)
  return html`<div class="tip" .style=${`--x:${mark.x}px`} aria-hidden="true">
    <strong>${title}</strong>${rest.map((line) => html`<span>${line}</span>`)}
  </div>`
}

declare global {
  interface HTMLElementTagNameMap {
    'person-line': PersonLine
  }
}
