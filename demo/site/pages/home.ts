/** Contains the home page: the product, the moving tide chart, and the difference from a printed tide table. */
import { html } from 'hono/html'
import { formatMetres, stripArea, stripCurve } from '../curve.ts'
import type { Page } from '../page.ts'
import { extremes, formatTime } from '../tide.ts'

export const home: Page = {
  path: '/',
  title: 'Tide and current forecasts for harbours',
  description: 'Water level and current for one harbour at a time, forecast from a gauge on its own quay.',
  body: html`
    <section class="opening">
      <div>
        <h1>
          <span class="unbroken">How deep,</span> <span class="unbroken">how fast,</span>
          <span class="unbroken">until when.</span>
        </h1>
        <p class="lead">
          Tidewater forecasts water level and current for single harbours, from a gauge on your own quay. You get one
          height with its margin, every ten minutes for the next ten days.
        </p>
        <p class="actions">
          <a class="button" href="/pilot">Request a pilot</a>
          <a href="/forecast">How the forecast is made</a>
        </p>
      </div>
      <table class="tide-table">
        <caption>
          Eastholm, outer quay
          <span>Monday 4 May, UTC</span>
        </caption>
        <thead>
          <tr>
            <th scope="col">Water</th>
            <th scope="col">Time</th>
            <th scope="col">Height</th>
          </tr>
        </thead>
        <tbody>
          ${extremes(0, 24).map(
            (extreme) =>
              html`<tr>
                <th scope="row">${extreme.kind === 'high' ? 'High' : 'Low'}</th>
                <td>${formatTime(extreme.hour)}</td>
                <td>${formatMetres(extreme.height)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>

    <figure class="strip">
      <div class="chart">
        <div class="measured"><div class="scroll">${stripArea()}</div></div>
        <div class="scroll">${stripCurve()}</div>
      </div>
      <p class="now" aria-hidden="true"><span>measured</span><span>expected</span></p>
      <figcaption>
        <p>
          Eastholm is a harbour that we made up. Its curve is the sum of seven constituents, of which the moon’s, M2, is
          the largest.
        </p>
        <label class="pause"><input type="checkbox" />Pause the curve</label>
      </figcaption>
    </figure>

    <section class="split">
      <h2>The printed table knows the moon, not the weather</h2>
      <p>
        Wind and low pressure can add half a metre to the table or take it away, and they do so on the days when half a
        metre matters. We forecast that part as well, and say how sure we are of it.
      </p>
    </section>

    <div class="thirds">
      <section>
        <h3>Height</h3>
        <p>Ten days ahead, in your own chart datum. The margin stands beside each height and widens with the days.</p>
      </section>
      <section>
        <h3>Current</h3>
        <p>Speed and direction at the points that your pilots name, from the fairway buoy to the turning basin.</p>
      </section>
      <section>
        <h3>Under the keel</h3>
        <p>Give a draught, and read the hours in which it clears each bar and sill.</p>
      </section>
    </div>

    <section class="split">
      <h2>We publish how wrong we were</h2>
      <div>
        <p>
          Each forecast is compared with what the gauge then saw. Over the past year half of our next-day heights were
          within 5 cm and nineteen in twenty within 13 cm. Your harbour’s own figures stand on your page, good or bad.
        </p>
        <p><a href="/pricing">What it costs</a></p>
      </div>
    </section>
  `,
}
