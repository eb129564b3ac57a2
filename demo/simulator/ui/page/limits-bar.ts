/** Shows the use of the account's limits: calls in the last 20 seconds, calls at once, today's quota. Only displays. */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit'
import type { LimitsView } from '../../view.ts'
import { baseStyles } from './base-styles.ts'

export class LimitsBar extends LitElement {
  static override properties = { limits: { attribute: false } }

  static override styles = [
    baseStyles,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 24px;
        justify-content: flex-end;
      }
      li {
        flex: 1 1 190px;
        min-width: 0;
        max-width: 224px;
      }
      .words {
        display: flex;
        justify-content: space-between;
        gap: 12px;
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
        white-space: nowrap;
      }
      .words b {
        color: var(--ink);
        font-weight: 600;
      }
      @media (max-width: 599px) {
        ul {
          display: grid;
          grid-template-columns: repeat(3, minmax(0, 1fr));
          gap: 16px;
          align-items: end;
        }
        .words {
          display: block;
          line-height: 18px;
          white-space: normal;
        }
        .words span {
          display: block;
        }
      }
      .meter {
        height: 4px;
        border-radius: 2px;
        background: var(--hairline);
        overflow: hidden;
      }
      .fill {
        height: 100%;
        min-width: 2px;
        border-radius: 2px;
        background: var(--accent);
      }
      .none {
        visibility: hidden;
      }
      .full .fill {
        background: var(--act);
      }
      .full b {
        color: var(--act);
      }
      @media (forced-colors: active) {
        .meter {
          background: none;
          outline: 1px solid CanvasText;
        }
      }
      @media (prefers-reduced-motion: no-preference) {
        .fill {
          transition: width var(--motion);
        }
      }
    `,
  ]

  declare limits: LimitsView | null

  constructor() {
    super()
    this.limits = null
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.limits) return nothing
    const { used, ratePer20s, concurrency, daily } = this.limits
    return html`<ul aria-label="Limits of the account">
      ${limit('API calls, last 20 s', used.last20s, ratePer20s)} ${limit('API calls at once', used.now, concurrency)}
      ${limit('API calls today', used.today, daily)}
    </ul>`
  }
}

function limit(name: string, used: number, max: number): TemplateResult {
  const ratio = max > 0 ? Math.min(1, used / max) : 1
  const classes = `${used >= max ? 'full' : ''} ${used === 0 ? 'none' : ''}`
  return html`<li class=${used >= max ? 'full' : ''}>
    <div class="words">
      <span>${name}</span><span><b>${used.toLocaleString('en')}</b> of ${max.toLocaleString('en')}</span>
    </div>
    <div class="meter" role="meter" aria-label=${name} aria-valuemin="0" aria-valuemax=${max} aria-valuenow=${used}>
      <div class="fill ${classes}" .style=${`width:${ratio * 100}%`}></div>
    </div>
  </li>`
}

declare global {
  interface HTMLElementTagNameMap {
    'limits-bar': LimitsBar
  }
}
