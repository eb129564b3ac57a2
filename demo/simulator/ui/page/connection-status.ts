/** Shows the state of the connection: "Live", or the time since which it is lost. */
import { LitElement, css, html, type TemplateResult } from 'lit'
import type { Connection } from '../data/journeys.ts'
import { clockTime } from '../data/times.ts'
import { baseStyles } from './base-styles.ts'

export class ConnectionStatus extends LitElement {
  static override properties = { connection: { attribute: false } }

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

  declare connection: Connection

  constructor() {
    super()
    this.connection = { state: 'connecting' }
  }

  protected override render(): TemplateResult {
    return html`<p role="status" class=${this.connection.state}>
      <span class="dot"></span>${statusText(this.connection)}
    </p>`
  }
}

function statusText(connection: Connection): string {
  switch (connection.state) {
    case 'connecting':
      return 'Connecting…'
    case 'live':
      return 'Live'
    case 'lost':
      return `Disconnected since ${clockTime(new Date(connection.since).toISOString())}, trying again`
    default:
      return connection satisfies never
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'connection-status': ConnectionStatus
  }
}
