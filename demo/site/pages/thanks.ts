/** Contains the page shown after a request was sent. */
import { html } from 'hono/html'
import type { Page, SiteOptions } from '../page.ts'

/** Returns the page. It links to the simulator, where the visitor has just become known. */
export function thanks({ journeys }: Pick<SiteOptions, 'journeys'>): Page {
  return {
    path: '/thanks',
    title: 'Your request is with us',
    description: 'Your request for a pilot has arrived. A hydrographer writes back within two working days.',
    body: html`
      <section class="prose opening-prose">
        <h1>Your request is with us.</h1>
        <p class="lead">
          A hydrographer reads it and writes back within two working days, from a person’s own address. You need not do
          anything until then.
        </p>
      </section>

      <div class="halves">
        <section>
          <h2>In the meantime we look things up</h2>
          <p>
            If you named a harbour we gather its charts, whatever old gauges have left, and the nearest public station.
            That tells us how long a pilot must run before its figures mean something; for most harbours that is eight
            weeks, nearly four spring tides.
          </p>
        </section>
        <section>
          <h2>If you forgot something</h2>
          <p>
            Write to <a href="mailto:watch@tidewater.example">watch@tidewater.example</a>, and it joins your request.
            You can also <a href="/pilot">send the form again</a>: what you wrote last is what counts.
          </p>
        </section>
      </div>

      <p class="closing">
        <a class="button" href="${journeys}/">See what Marketo knows now</a>
        <a href="/forecast">How the forecast is made</a>
      </p>
    `,
  }
}
