/** The home page: what is sold, the curve moving under its line, and what the printed table leaves out. */
import { html } from 'hono/html'
import { metres, stripCurve, stripWater } from '../curve.ts'
import type { Page } from '../page.ts'
import { clock, turns } from '../tide.ts'

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
      <table class="waters">
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
          ${turns(0, 24).map(
            (turn) =>
              html`<tr>
                <th scope="row">${turn.kind === 'high' ? 'High' : 'Low'}</th>
                <td>${clock(turn.hour)}</td>
                <td>${metres(turn.height)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>

    <figure class="strip">
      <div class="paper">
        <div class="measured"><div class="drift">${stripWater()}</div></div>
        <div class="drift">${stripCurve()}</div>
      </div>
      <p class="now" aria-hidden="true"><span>measured</span><span>expected</span></p>
      <figcaption>
        <p>
          Eastholm is a harbour that we made up. Its curve is the sum of seven constituents, of which the moon’s, M2, is
          the largest.
        </p>
        <label class="hold"><input type="checkbox" />Hold the paper still</label>
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
