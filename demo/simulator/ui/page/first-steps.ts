/**
 * Shows the page's content while there are no visitors: a sample line and three steps. With the address of a site it links
 * there. Without, it shows the two lines to paste into a page, and the addresses for a program.
 */
import { LitElement, css, html, svg, type TemplateResult } from 'lit'
import { markShape, markStyles } from '../line/marks.ts'
import { baseStyles } from './base-styles.ts'

export class FirstSteps extends LitElement {
  static override properties = { site: {}, munchkinId: {} }

  static override styles = [
    baseStyles,
    markStyles,
    css`
      :host {
        max-width: 1080px;
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
      /* The lines to paste are long. */
      .without-site {
        grid-template-columns: 5fr 4fr 3fr;
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
      pre {
        margin: 8px 0;
        padding: 8px 12px;
        border: 1px solid var(--hairline);
        border-radius: var(--radius-control);
        background: var(--panel);
        font-family: var(--mono);
        font-size: 12px;
        line-height: 20px;
        overflow-wrap: anywhere;
        white-space: pre-wrap;
      }
      @media (max-width: 719px) {
        ol,
        .without-site {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ]

  /** URL of the site; empty if unknown. */
  declare site: string
  declare munchkinId: string

  constructor() {
    super()
    this.site = ''
    this.munchkinId = ''
  }

  protected override render(): TemplateResult {
    const hasSite = /^https?:/.test(this.site)
    return html`
      <h2>Nobody has come yet.</h2>
      <p class="lead">
        Every visitor of the site gets a line here. It is grey until the visitor sends a form. Then it shows a name, and
        all visits back to the first page belong to that person.
      </p>
      ${hasSite ? sampleLine('36%', '70%') : sampleLine('44.5%', '77.5%')}
      <ol class=${hasSite ? '' : 'without-site'}>
        ${hasSite ? this.visitSite() : this.pasteLines()} ${hasSite ? sendForm : callThis()}
        <li>
          <h3><span class="number">3</span> Come back and look</h3>
          <p>The line has a name and is orange back to the first page. Beside it stands what each call did.</p>
        </li>
      </ol>
    `
  }

  private visitSite(): TemplateResult {
    return html`<li>
      <h3><span class="number">1</span> <a href=${this.site} target="_blank" rel="noopener">Open the site</a></h3>
      <p>Read two or three pages. Each appears as a ring on a grey line.</p>
    </li>`
  }

  private pasteLines(): TemplateResult {
    const lines = [
      `<script src="${address('munchkin.js')}"></script>`,
      `<script>Munchkin.init('${this.munchkinId}')</script>`,
    ]
    return html`<li>
      <h3><span class="number">1</span> Paste two lines into a page</h3>
      <pre tabindex="0" aria-label="Two lines to paste">${lines.join('\n')}</pre>
      <p>Each page that somebody opens appears as a ring on a grey line.</p>
    </li>`
  }
}

const sendForm = html`<li>
  <h3><span class="number">2</span> Send its form</h3>
  <p>Enter any name and address. The relay sends a call to Marketo, with the cookie of your visits.</p>
</li>`

/** Returns the step that names the addresses of the two APIs. */
function callThis(): TemplateResult {
  return html`<li>
    <h3><span class="number">2</span> Call this Marketo</h3>
    <pre tabindex="0" aria-label="Addresses of the APIs">${`${address('rest')}\n${address('soap/mktows/3_1')}`}</pre>
    <p>Give your relay or program one of these addresses, of REST or of SOAP, and send a form.</p>
  </li>`
}

/** Returns an address of the simulator, which serves the page. */
function address(path: string): string {
  return new URL(path, document.baseURI).href
}

/**
 * Draws a line whose marks are above the steps that create them.
 *
 * @param form position of the visit that sends the form
 * @param known position of the moment
 */
const sampleLine = (form: string, known: string): TemplateResult => svg`<svg class="line" aria-hidden="true">
  <line class="gap" x1="8" x2=${form} y1="20" y2="20"></line>
  <line class="wait" x1=${form} x2=${known} y1="20" y2="20"></line>
  ${['8', '9%', '21%'].map((x) => svg`<svg class="anonymous" x=${x} y="20" overflow="visible">${markShape('visit')}</svg>`)}
  <svg class="anonymous" x=${form} y="20" overflow="visible">${markShape('visit')}</svg>
  <svg class="joined" x=${known} y="20" overflow="visible">${markShape('known')}</svg>
</svg>`

declare global {
  interface HTMLElementTagNameMap {
    'first-steps': FirstSteps
  }
}
