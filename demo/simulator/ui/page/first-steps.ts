/** Shows the page's content while there are no visitors: a sample line and three steps. Depends on nothing but the site. */
import { LitElement, css, html, svg, type TemplateResult } from 'lit'
import { markShape, markStyles } from '../line/marks.ts'
import { baseStyles } from './base-styles.ts'

export class FirstSteps extends LitElement {
  static override properties = { site: {} }

  static override styles = [
    baseStyles,
    markStyles,
    css`
      :host {
        max-width: 960px;
        margin: clamp(24px, 8vh, 96px) auto 48px;
      }
      h2 {
        font-size: clamp(26px, 4vw, 36px);
        font-weight: 600;
        line-height: 1.2;
        letter-spacing: -0.015em;
        text-wrap: balance;
      }
      .lead {
        max-width: 56ch;
        margin-top: 12px;
        color: var(--quiet);
        font-size: 17px;
        line-height: 28px;
      }
      .line {
        display: block;
        width: 100%;
        height: 40px;
        margin-block: 40px 0;
        overflow: visible;
      }
      .gap {
        stroke: var(--anonymous);
        stroke-width: 1.25;
      }
      .wait {
        stroke: var(--known);
        stroke-width: 3;
        stroke-dasharray: 0.1 8;
        stroke-linecap: round;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 16px 40px;
      }
      h3 {
        font-size: 15px;
        font-weight: 600;
      }
      li p {
        margin-top: 4px;
        color: var(--quiet);
      }
      .number {
        color: var(--quiet);
        font-weight: 400;
      }
      a {
        color: var(--accent);
        text-underline-offset: 3px;
      }
      @media (max-width: 719px) {
        ol {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ]

  /** URL of the site; empty if unknown. */
  declare site: string

  constructor() {
    super()
    this.site = ''
  }

  protected override render(): TemplateResult {
    const site = /^https?:/.test(this.site)
      ? html`<a href=${this.site} target="_blank" rel="noopener">Open the site</a>`
      : 'Open the site'
    return html`
      <h2>Nobody has come yet.</h2>
      <p class="lead">
        Every visitor of the site gets a line here. It is anonymous until the visitor sends a form. Then it shows a
        name, and all visits back to the first page belong to that person.
      </p>
      ${sampleLine}
      <ol>
        <li>
          <h3><span class="number">1</span> ${site}</h3>
          <p>Read two or three pages. Each appears as a ring on an anonymous line.</p>
        </li>
        <li>
          <h3><span class="number">2</span> Send its form</h3>
          <p>Enter any name and address. The relay sends a signed call to Marketo, with the cookie of your visits.</p>
        </li>
        <li>
          <h3><span class="number">3</span> Come back and look</h3>
          <p>
            Your line has a name, and colour back to the first page. Beside it you see the call, with request and reply.
          </p>
        </li>
      </ol>
    `
  }
}

/** Positions are percentages, so that each mark is above the step that creates it. */
const sampleLine = svg`<svg class="line" aria-hidden="true">
  <line class="gap" x1="8" x2="36%" y1="20" y2="20"></line>
  <line class="wait" x1="36%" x2="70%" y1="20" y2="20"></line>
  ${['8', '9%', '21%'].map((x) => svg`<svg class="anonymous" x=${x} y="20" overflow="visible">${markShape('visit')}</svg>`)}
  <svg class="anonymous" x="36%" y="20" overflow="visible">${markShape('visit')}</svg>
  <svg class="known" x="70%" y="20" overflow="visible">${markShape('known')}</svg>
</svg>`

declare global {
  interface HTMLElementTagNameMap {
    'first-steps': FirstSteps
  }
}
