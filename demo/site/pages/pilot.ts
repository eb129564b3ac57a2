/**
 * Contains the page with the form: a plain form that works without JavaScript, inside a `<form-sync>`.
 *
 * The names of its controls must match the forms file in `demo/forms.ts`.
 */
import { html } from 'hono/html'
import type { Html, Page, SiteOptions } from '../page.ts'

/** Returns the page. Its form posts to the relay. */
export function pilot({ relay }: Pick<SiteOptions, 'relay'>): Page {
  return {
    path: '/pilot',
    title: 'Request a pilot',
    description: 'Eight weeks of forecasts beside the table that you use now, with a gauge on your quay, at no cost.',
    body: html`
      <section class="prose opening-prose">
        <h1>Eight weeks, beside the table you use now.</h1>
        <p class="lead">
          A pilot costs nothing and binds you to nothing. We bring the gauge, you go on as before, and at the end both
          forecasts are held against what the water did.
        </p>
      </section>

      <div class="request">
        <div class="request-form">
          <script type="module" src="${relay}/form-sync.js"></script>
          <form-sync theme="plain">${form(relay)}</form-sync>
        </div>
        <aside aria-labelledby="next">
          <h2 id="next">What happens next</h2>
          <ol>
            <li>A hydrographer reads your request and writes back within two working days.</li>
            <li>We look up what is known of your harbour: its charts, old gauges, the nearest public station.</li>
            <li>If the pilot makes sense we name a weekday for the gauge. If not, we say why.</li>
          </ol>
          <p>
            We keep with your request which pages you have read here, so that nobody explains to you what you already
            know. A cookie joins the two.
          </p>
        </aside>
      </div>
    `,
  }
}

function form(relay: string): Html {
  return html`
    <form id="contact" method="post" action="${relay}/f/contact">
      <fieldset>
        <legend>About you</legend>
        <p class="hint">We need your last name and an e-mail address. All the rest is up to you.</p>
        <div class="pair">
          <div class="field">
            <label for="first-name">First name</label>
            <input id="first-name" name="FirstName" autocomplete="given-name" maxlength="40" />
          </div>
          <div class="field">
            <label for="last-name">Last name</label>
            <input id="last-name" name="LastName" autocomplete="family-name" maxlength="40" required />
          </div>
        </div>
        <div class="field">
          <label for="email">E-mail address</label>
          <p class="hint" id="email-hint">We write to it about the pilot, and about nothing else.</p>
          <input
            id="email"
            name="Email"
            type="email"
            autocomplete="email"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="email-hint"
            required
          />
        </div>
        <div class="field short">
          <label for="phone">Telephone</label>
          <p class="hint" id="phone-hint">With the country’s code, such as +44.</p>
          <input id="phone" name="Phone" type="tel" autocomplete="tel" aria-describedby="phone-hint" />
        </div>
      </fieldset>
      <fieldset>
        <legend>About the harbour</legend>
        <div class="field">
          <label for="company">Company or authority</label>
          <input id="company" name="Company" autocomplete="organization" />
        </div>
        <div class="field">
          <label for="harbour">Harbour</label>
          <p class="hint" id="harbour-hint">Its name or its UN/LOCODE, such as GBFXT.</p>
          <input id="harbour" name="Harbour" aria-describedby="harbour-hint" />
        </div>
        <div class="field short">
          <label for="pilot-size">Berths in the pilot</label>
          <select id="pilot-size" name="PilotSize">
            <option value="">Not sure yet</option>
            <option value="1-3">1 to 3</option>
            <option value="4-10">4 to 10</option>
            <option value="11-30">11 to 30</option>
            <option value="30+">More than 30</option>
          </select>
        </div>
      </fieldset>
      <fieldset aria-describedby="topics-hint">
        <legend>What should we forecast?</legend>
        <p class="hint" id="topics-hint">Tick all that matter to you.</p>
        <div class="checkboxes">
          ${checkbox('tides', 'Tides')} ${checkbox('currents', 'Currents')}
          ${checkbox('surge', 'Surge from the weather')} ${checkbox('under-keel', 'Clearance under the keel')}
        </div>
      </fieldset>
      <div class="field">
        <label for="message">Anything we should know</label>
        <textarea id="message" name="Message" rows="5" maxlength="2000"></textarea>
      </div>
      <button>Request a pilot</button>
    </form>
  `
}

function checkbox(value: string, label: string): Html {
  return html`<div class="checkbox">
    <input type="checkbox" id="topic-${value}" name="Topics" value="${value}" />
    <label for="topic-${value}">${label}</label>
  </div>`
}
