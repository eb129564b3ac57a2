/** Contains the product page: the parts of the forecast, one passage as an example, and the formats of delivery. */
import { html } from 'hono/html'
import { formatMetres, formatWindows, passageChart } from '../curve.ts'
import type { Page } from '../page.ts'
import { windowsAbove } from '../tide.ts'

/** Figures of the example. */
const DRAUGHT_METRES = 10.8
const CLEARANCE_METRES = 1.2
const CHARTED_DEPTH_METRES = 8.4
const NEEDED_TIDE_METRES = DRAUGHT_METRES + CLEARANCE_METRES - CHARTED_DEPTH_METRES

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
          A ship that draws ${formatMetres(DRAUGHT_METRES)} and keeps ${formatMetres(CLEARANCE_METRES)} under her keel
          needs ${formatMetres(NEEDED_TIDE_METRES)} of tide over Eastholm’s bar, which is charted at
          ${formatMetres(CHARTED_DEPTH_METRES)}. On Monday 4 May she has it
          ${formatWindows(windowsAbove(NEEDED_TIDE_METRES, 0, 24))}.
        </p>
      </div>
      <figure>${passageChart(NEEDED_TIDE_METRES)}</figure>
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
