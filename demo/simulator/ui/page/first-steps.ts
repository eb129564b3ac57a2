/** What stands here while nobody has come: a line that waits, and the three steps that fill it. */
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
        stroke: var(--unseen);
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

  /** The site's address; empty where it is not known. */
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
        Everybody who visits the site gets a line here. The line has no name until a form gives it one, and then the
        name reaches back to the first page.
      </p>
      ${waiting}
      <ol>
        <li>
          <h3><span class="number">1</span> ${site}</h3>
          <p>Read two or three pages. Each is a ring on your line, and nobody knows whose line it is.</p>
        </li>
        <li>
          <h3><span class="number">2</span> Send its form</h3>
          <p>Any name and address will do. The relay signs a call to Marketo and adds the cookie of your visits.</p>
        </li>
        <li>
          <h3><span class="number">3</span> Come back and look</h3>
          <p>
            Your line has a name, and colour back to the first page. The call that did it is open, request and reply.
          </p>
        </li>
      </ol>
    `
  }
}

/** Percentages, so that each mark stands over the step that makes it. */
const waiting = svg`<svg class="line" aria-hidden="true">
  <line class="gap" x1="8" x2="36%" y1="20" y2="20"></line>
  <line class="wait" x1="36%" x2="70%" y1="20" y2="20"></line>
  ${['8', '9%', '21%'].map((x) => svg`<svg class="unseen" x=${x} y="20" overflow="visible">${markShape('visit')}</svg>`)}
  <svg class="unseen" x="36%" y="20" overflow="visible">${markShape('visit')}</svg>
  <svg class="known" x="70%" y="20" overflow="visible">${markShape('known')}</svg>
</svg>`

declare global {
  interface HTMLElementTagNameMap {
    'first-steps': FirstSteps
  }
}
