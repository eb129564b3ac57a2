/** Whether news still arrive: "Live", or since when they do not. */
import { LitElement, css, html, type TemplateResult } from 'lit'
import type { Link } from '../data/journeys.ts'
import { clockTime } from '../data/times.ts'
import { baseStyles } from './base-styles.ts'

export class LiveMark extends LitElement {
  static override properties = { link: { attribute: false } }

  static override styles = [
    baseStyles,
    css`
      p {
        display: flex;
        align-items: center;
        gap: 8px;
        color: var(--quiet);
        font-size: 13px;
        line-height: 20px;
      }
      .dot {
        flex: none;
        width: 8px;
        height: 8px;
        border: 1.5px solid var(--edge);
        border-radius: 50%;
      }
      .live .dot {
        border-color: var(--accent);
        background: var(--accent);
      }
      .lost {
        color: var(--act);
        font-weight: 600;
      }
      .lost .dot {
        border-color: var(--act);
        border-radius: 2px;
      }
    `,
  ]

  declare link: Link

  constructor() {
    super()
    this.link = { state: 'connecting' }
  }

  protected override render(): TemplateResult {
    return html`<p role="status" class=${this.link.state}><span class="dot"></span>${words(this.link)}</p>`
  }
}

function words(link: Link): string {
  switch (link.state) {
    case 'connecting':
      return 'Connecting…'
    case 'live':
      return 'Live'
    case 'lost':
      return `Disconnected since ${clockTime(new Date(link.since).toISOString())}, trying again`
    default:
      return link satisfies never
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'live-mark': LiveMark
  }
}
