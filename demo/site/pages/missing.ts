/** Contains the page for addresses that do not exist. */
import { html } from 'hono/html'
import type { Page } from '../page.ts'

export const missing: Page = {
  path: '',
  title: 'No such page',
  description: 'There is no page at this address.',
  body: html`
    <section class="prose opening-prose">
      <h1>Nothing is charted here.</h1>
      <p class="lead">There is no page at this address. It may have moved, or a letter went missing on the way.</p>
    </section>
    <p class="closing">
      <a class="button" href="/">Back to the start</a> <a href="/forecast">The forecast</a>
      <a href="/pricing">Pricing</a>
    </p>
  `,
}
