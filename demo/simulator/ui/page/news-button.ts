/**
 * Shows how much has come since the reader last looked. Applies nothing itself.
 *
 * @fires apply-news when the reader asks for it
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit'
import { count } from '../data/names.ts'
import type { News } from '../data/shown.ts'
import { baseStyles } from './base-styles.ts'

export class NewsButton extends LitElement {
  static override properties = { news: { attribute: false } }

  static override styles = [
    baseStyles,
    css`
      /* Takes no space, so that nothing moves when it comes or goes. */
      :host {
        position: sticky;
        z-index: 4;
        top: 64px;
        height: 0;
        text-align: center;
      }
      button {
        min-height: 36px;
        padding-inline: 16px;
        border-radius: 18px;
        background: var(--accent);
        color: var(--on-accent);
        font-size: 14px;
        font-weight: 600;
        box-shadow: var(--shadow);
      }
      button:focus-visible {
        border-radius: 18px;
      }
      @media (max-width: 959px) {
        :host {
          top: 8px;
        }
        button {
          min-height: 44px;
          border-radius: 22px;
        }
      }
      @media print {
        :host {
          display: none;
        }
      }
    `,
  ]

  declare news: News

  constructor() {
    super()
    this.news = { people: 0, calls: 0 }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { people, calls } = this.news
    if (people + calls === 0) return nothing
    const title = `Show ${count(people, 'person', 'people')} and ${count(calls, 'call')}`
    return html`<button type="button" title=${title} @click=${this.apply}>
      ${(people + calls).toLocaleString('en')} new<span class="screen-reader-only">: ${title}</span>
    </button>`
  }

  private apply(): void {
    this.dispatchEvent(new Event('apply-news', { bubbles: true, composed: true }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'news-button': NewsButton
  }
}
