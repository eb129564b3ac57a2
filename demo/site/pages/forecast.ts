/** The product: what the forecast is made of, one passage worked through, and how it reaches a harbour. */
import { html } from 'hono/html'
import { metres, passage, spoken } from '../curve.ts'
import type { Page } from '../page.ts'
import { windowsAbove } from '../tide.ts'

/** A ship and a bar, in metres. */
const DRAUGHT = 10.8
const CLEARANCE = 1.2
const CHARTED = 8.4
const NEEDED = DRAUGHT + CLEARANCE - CHARTED

export const forecast: Page = {
  path: '/forecast',
  title: 'The forecast',
  description: 'Tide, weather, river and the last error at the gauge: the four parts of one height.',
  body: html`
    <section class="prose opening-prose">
      <h1>Four parts make one height.</h1>
      <p class="lead">
        What a ship meets at the quay is the tide, and what the weather adds, and what the river brings down; the gauge
        then says how far off we are. Each part is computed by itself, so that you can see which one has changed.
      </p>
    </section>

    <ol class="parts">
      <li>
        <h2>Tide</h2>
        <p>We fit 37 constituents to a year of your gauge. Where there is none, a month will do for the first eight.</p>
      </li>
      <li>
        <h2>Weather</h2>
        <p>Wind and pressure come from 51 runs of the European model, four times a day. Their spread is our margin.</p>
      </li>
      <li>
        <h2>River</h2>
        <p>Where a station upstream measures the discharge, its flood reaches the forecast before it reaches you.</p>
      </li>
      <li>
        <h2>Correction</h2>
        <p>What the gauge says now pulls the next six hours towards it. After that the other three stand alone.</p>
      </li>
    </ol>

    <section class="worked">
      <div>
        <h2>When can she cross the bar?</h2>
        <p>
          A ship that draws ${metres(DRAUGHT)} and keeps ${metres(CLEARANCE)} under her keel needs ${metres(NEEDED)} of
          tide over Eastholm’s bar, which is charted at ${metres(CHARTED)}. On Monday 4 May she has it
          ${spoken(windowsAbove(NEEDED, 0, 24))}.
        </p>
      </div>
      <figure>${passage(NEEDED)}</figure>
    </section>

    <div class="halves">
      <section>
        <h2>How it reaches you</h2>
        <p>
          There is a page for the control room, a sheet for the noticeboard, and CSV and JSON for your port system. For
          electronic charts we write S-104 and S-111, the hydrographic offices’ own formats for water level and current.
        </p>
      </section>
      <section>
        <h2>When we are down</h2>
        <p>
          Your page then shows the last forecast, with its age in large figures. The tide alone is there for a year
          ahead, so you are never without a table.
        </p>
      </section>
    </div>

    <p class="closing">
      <a class="button" href="/pilot">Request a pilot</a>
      <a href="/pricing">What it costs</a>
    </p>
  `,
}
