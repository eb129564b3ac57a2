/**
 * Shows a request or a reply: XML with one element per line, JSON with one property per line, anything else unchanged.
 *
 * Elements with an explanation can be hovered and focused, which highlights them. Text is never interpreted as markup.
 *
 * @fires point-at-part when an element is hovered or focused, or no longer is
 */
import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { baseStyles } from '../page/base-styles.ts'
import { explain } from './explanations.ts'
import { layOutRest } from './json-layout.ts'
import { maskSecrets } from './mask-secrets.ts'
import { explainRest } from './rest-explanations.ts'
import { layOutXml, type Line, type Token } from './xml-layout.ts'

/** Longer texts are cut. */
const MAX_SHOWN_CHARS = 100_000
/** Texts up to this length, such as a time stamp, are not broken across lines if they fit. */
const SHORT_TEXT_CHARS = 40

/** Fired when an element of the message is hovered or focused, or no longer is. */
export class PointAtPart extends Event {
  /** Undefined if the pointer or the focus has left. */
  readonly part: { name: string; explanation: string } | undefined
  constructor(part?: { name: string; explanation: string }) {
    super('point-at-part', { bubbles: true, composed: true })
    this.part = part
  }
}

export class XmlText extends LitElement {
  static override properties = {
    source: {},
    active: { state: true },
  }

  static override styles = [
    baseStyles,
    css`
      :host {
        container-type: inline-size;
        --indent: 14px;
        font-family: var(--mono);
        font-size: 12.5px;
        line-height: 20px;
        tab-size: 2;
      }
      .line,
      pre {
        margin: 0;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .line {
        /* Wrapped text is indented further than its element. */
        padding-inline: calc(8px + min(var(--depth), 10) * var(--indent) + 20px) 4px;
        text-indent: -20px;
      }
      @container (max-width: 439px) {
        .line {
          --indent: 8px;
          text-indent: -12px;
          padding-inline-start: calc(8px + min(var(--depth), 10) * var(--indent) + 12px);
        }
      }
      .line.within {
        background: var(--accent-soft);
      }
      .mark,
      .prefix,
      .attribute,
      .aside {
        color: var(--quiet);
      }
      .name {
        color: var(--xml-name);
      }
      .text {
        color: var(--ink);
        font-weight: 600;
      }
      /* Short text is not broken at its hyphens. */
      .attribute,
      .short {
        display: inline-block;
        max-width: 100%;
        text-indent: 0;
      }
      button {
        text-indent: 0;
        text-decoration: underline dotted 1px;
        text-decoration-color: color-mix(in oklch, currentcolor 55%, transparent);
        text-underline-offset: 4px;
        cursor: help;
      }
      button:hover {
        text-decoration: underline solid 1px;
      }
      :focus-visible {
        border-radius: 2px;
      }
      .cut {
        margin-top: 8px;
        color: var(--quiet);
        font-family: system-ui, sans-serif;
        font-size: 13px;
      }
    `,
  ]

  declare source: string
  /** Index of the line of the element that is hovered or focused. */
  declare private active: number | null
  private lines: Line[] | undefined
  private explain: typeof explain = explain

  constructor() {
    super()
    this.source = ''
    this.active = null
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('source')) return
    this.active = null
    const shown = this.source.length > MAX_SHOWN_CHARS ? '' : maskSecrets(this.source.trimStart())
    this.lines = layOutXml(shown.trim())
    this.explain = this.lines ? explain : explainRest
    this.lines ??= layOutRest(shown)
  }

  protected override render(): TemplateResult {
    if (!this.lines) return plain(this.source)
    const within = this.active === null ? undefined : this.lines[this.active]
    return html`
      ${this.lines.map((line, i) => {
        const isHighlighted = within !== undefined && this.active !== null && i >= this.active && i <= within.endLine
        return html`<div class="line ${isHighlighted ? 'within' : ''}" .style=${`--depth:${line.depth}`}>
          ${this.tokens(line, i)}
        </div>`
      })}
      <div hidden>${this.notes()}</div>
    `
  }

  private tokens({ tokens, element, text }: Line, i: number): unknown {
    const explanation = element === undefined ? undefined : this.explain(element, text)
    let explained = false
    return tokens.map((token) => {
      if (token.kind !== 'name' || explanation === undefined || explained) return plainToken(token)
      explained = true
      return html`<button
        type="button"
        class="name"
        aria-describedby="note-${i}"
        @pointerenter=${() => this.point(i)}
        @pointerleave=${() => this.point(null)}
        @focus=${() => this.point(i)}
        @blur=${() => this.point(null)}
      >
        ${token.text}
      </button>`
    })
  }

  /** Renders the explanations for screen readers. */
  private notes(): unknown {
    return this.lines?.map(({ element, text }, i) => {
      const explanation = element === undefined ? undefined : this.explain(element, text)
      return explanation === undefined ? nothing : html`<p id="note-${i}">${explanation}</p>`
    })
  }

  private point(i: number | null): void {
    this.active = i
    const line = i === null ? undefined : this.lines?.[i]
    const explanation = line?.element === undefined ? undefined : this.explain(line.element, line.text)
    const part = explanation === undefined ? undefined : { name: line!.element!, explanation }
    this.dispatchEvent(new PointAtPart(part))
  }
}

function plainToken({ kind, text }: Token): TemplateResult {
  const isShort = kind === 'text' && text.length <= SHORT_TEXT_CHARS
  return html`<span class=${isShort ? 'text short' : kind}>${text}</span>`
}

function plain(source: string): TemplateResult {
  const left = source.length - MAX_SHOWN_CHARS
  return html`<pre>${maskSecrets(source.slice(0, MAX_SHOWN_CHARS))}</pre>
    ${left > 0 ? html`<p class="cut">${left.toLocaleString('en')} more characters are not shown.</p>` : nothing}`
}

declare global {
  interface HTMLElementTagNameMap {
    'xml-text': XmlText
  }
  interface HTMLElementEventMap {
    'point-at-part': PointAtPart
  }
}
