/** Contains the pricing page: three plans side by side, and what is included. */
import { html } from 'hono/html'
import type { Html, Page } from '../page.ts'

interface Plan {
  name: string
  suits: string
  /** Euros per month. */
  price: string
  terms: readonly (readonly [term: string, value: string])[]
}

const PLANS: readonly Plan[] = [
  {
    name: 'Quay',
    suits: 'A marina, or one berth that dries.',
    price: '290',
    terms: [
      ['Gauges', '1'],
      ['Current points', 'none'],
      ['Days ahead', '5'],
      ['New forecast', 'every six hours'],
      ['Under-keel windows', '1 place'],
      ['Formats', 'page, print, CSV'],
      ['We answer', 'in two working days'],
    ],
  },
  {
    name: 'Harbour',
    suits: 'A port with pilots of its own.',
    price: '740',
    terms: [
      ['Gauges', '3'],
      ['Current points', '12'],
      ['Days ahead', '10'],
      ['New forecast', 'every hour'],
      ['Under-keel windows', '5 places'],
      ['Formats', 'also JSON, S-104'],
      ['We answer', 'on the same day'],
    ],
  },
  {
    name: 'Estuary',
    suits: 'A river with several ports on it.',
    price: '1,650',
    terms: [
      ['Gauges', '8'],
      ['Current points', '60'],
      ['Days ahead', '10'],
      ['New forecast', 'every hour'],
      ['Under-keel windows', 'as many as you chart'],
      ['Formats', 'also S-111'],
      ['We answer', 'within the hour, also at night'],
    ],
  },
]

export const pricing: Page = {
  path: '/pricing',
  title: 'Pricing',
  description: 'Three plans, priced by the gauge: 290, 740 and 1,650 euros a month, after a pilot that costs nothing.',
  body: html`
    <section class="prose opening-prose">
      <h1>Priced by the gauge.</h1>
      <p class="lead">
        You pay for the places that we measure and forecast, not for the people who read them. Every plan starts with a
        pilot of eight weeks, which costs nothing.
      </p>
    </section>

    <div class="plans">${PLANS.map(planColumn)}</div>

    <div class="halves">
      <section>
        <h2>What the price holds</h2>
        <p>
          The gauge is included, and so are fitting it on a weekday and calibrating it once a year. Prices are in euros
          without VAT, and you can leave at the end of any quarter.
        </p>
      </section>
      <section>
        <h2>What stays yours</h2>
        <p>
          The measurements are yours: you can take all of them as CSV on any day, also after you have left. We do not
          sell them, and we show them to no one whom you have not named.
        </p>
      </section>
    </div>

    <p class="closing">
      <a class="button" href="/pilot">Request a pilot</a>
      <a href="/forecast">How the forecast is made</a>
    </p>
  `,
}

function planColumn({ name, suits, price, terms }: Plan): Html {
  return html`<section class="plan">
    <h2>${name}</h2>
    <p class="suits">${suits}</p>
    <p class="price">€${price} <span>a month</span></p>
    <dl>
      ${terms.map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}
