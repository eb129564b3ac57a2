/** Renders a page as a whole document, with head, navigation and footer; it does not know what a page contains. */
import { html, raw } from 'hono/html'
import { icon, styleSheet } from './assets.ts'
import { waterline } from './curve.ts'
import type { Html, Page, SiteOptions } from './page.ts'

const NAVIGATION = [
  { path: '/forecast', name: 'Forecast' },
  { path: '/pricing', name: 'Pricing' },
  { path: '/pilot', name: 'Request a pilot' },
]

/**
 * Returns the document.
 *
 * @param snippet the Munchkin script, inserted unescaped
 */
export function renderPage(page: Page, { journeys }: SiteOptions, snippet: string): Html {
  return html`<!doctype html>
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} – Tidewater</title>
        <meta name="description" content="${page.description}" />
        <link rel="icon" type="image/svg+xml" href="${icon.path}" />
        <link rel="stylesheet" href="${styleSheet.path}" />
        ${raw(`<script>${snippet}</script>`)}
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="head">
          <a class="mark" href="/">Tidewater</a>
          <nav aria-label="Main">
            <ul>
              ${NAVIGATION.map(({ path, name }) => html`<li><a href="${path}" ${ariaCurrent(path, page)}>${name}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main id="content" tabindex="-1">${page.body}</main>
        <footer class="foot">
          ${waterline()}
          <div class="deep">
            <div class="foot-columns">
              <p><strong>Tidewater</strong><br />Tide and current forecasts for harbours.</p>
              <p>Chandlers’ Wharf 3<br />Eastholm</p>
              <p><a href="mailto:watch@tidewater.example">watch@tidewater.example</a></p>
            </div>
            <p class="demo">
              Tidewater and Eastholm are made up: this site is a demo, and nobody will call you.
              <a href="${journeys}/">See what your visit looks like in the journeys</a>.
            </p>
          </div>
        </footer>
      </body>
    </html>`
}

function ariaCurrent(path: string, page: Page): Html {
  return path === page.path ? html`aria-current="page"` : html``
}
