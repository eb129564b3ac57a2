/**
 * The tide drawn: inline SVG of the harmonic sum in `tide.ts`, the site's only ornament.
 *
 * A drawing has no size of its own. Its inner coordinates are hours and metres, stretched to the box that the style
 * sheet gives it; words stand outside that stretch, at percentages, so that they stay legible on a phone.
 */
import { html } from 'hono/html'
import type { Html } from './page.ts'
import { clock, height, slope, turns, windowsAbove } from './tide.ts'

/** What a drawing shows: hours across, metres up. */
interface Frame {
  from: number
  to: number
  bottom: number
  top: number
  /** How far above a low water its words stand, in metres: the curve on both sides must pass below them. */
  lift: number
}

/** Six days from a spring tide on; the style sheet gives an hour its width. Room for words above and below the water. */
const STRIP: Frame = { from: 0, to: 144, bottom: -1.6, top: 7.2, lift: 0.5 }
const DAYS = ['Mon 4 May', 'Tue 5 May', 'Wed 6 May', 'Thu 7 May', 'Fri 8 May', 'Sat 9 May']

/** The first of them, with a little of the night on both sides. */
const DAY: Frame = { from: -0.9, to: 24.9, bottom: -0.9, top: 7.2, lift: 1.3 }

/** A day of neap tides, for the edge at the foot. */
const FOOT: Frame = { from: 148, to: 173, bottom: 1.6, top: 4.6, lift: 0 }

/** The home page's strip: what lies under the curve. The style sheet shows the measured part of it alone. */
export function stripWater(): Html {
  return html`<svg aria-hidden="true">${stretched(STRIP, html`<path class="water" d="${water(STRIP)}" />`)}</svg>`
}

/** The home page's strip: curve, hours, and the time and height of each turn. */
export function stripCurve(): Html {
  const hours = Array.from({ length: STRIP.to / 3 - 1 }, (_, step) => (step + 1) * 3)
  const heights = turns(STRIP.from, STRIP.to).map((turn) => turn.height)
  const range = `from ${metres(Math.min(...heights))} to ${metres(Math.max(...heights))}`
  return html`<svg role="img" aria-label="Tide at Eastholm: two high and two low waters a day, ${range}">
    ${stretched(STRIP, html`<path class="datum" d="M${STRIP.from} 0H${STRIP.to}" /><path class="curve" d="${line(STRIP)}" />`)}
    ${turnMarks(STRIP)} ${hourMarks(STRIP, hours)}
    ${DAYS.map((day, index) => words(STRIP, 'day', index * 24 + 12, -1.3, day))}
  </svg>`
}

/**
 * One day at Eastholm, with the hours in which enough water stands over the bar.
 *
 * @param needed metres above datum
 */
export function passage(needed: number): Html {
  const windows = windowsAbove(needed, 0, 24)
  const drawing = html`<path class="water" d="${water(DAY)}" />
    ${windows.map(({ from, to }) => html`<path class="open" d="${line({ from, to })}Z" />`)}
    <path class="needed" d="M${DAY.from} ${up(needed)}H${DAY.to}" />
    ${windows.map(({ from, to }) => html`<path class="window" d="M${round(from)} ${up(needed)}H${round(to)}" />`)}
    <path class="datum" d="M${DAY.from} 0H${DAY.to}" />
    <path class="curve" d="${line(DAY)}" />`
  return html`<svg class="passage" role="img" aria-labelledby="passage-title">
    <title id="passage-title">Height of tide at Eastholm on 4 May: above ${metres(needed)} ${spoken(windows)}</title>
    ${stretched(DAY, drawing)} ${turnMarks({ ...DAY, from: 0, to: 24 }, DAY)} ${hourMarks(DAY, [0, 6, 12, 18, 24])}
    ${windows.map(({ from, to }) => words(DAY, 'open', (from + to) / 2, needed - 0.6, `${clock(from)}–${clock(to)}`))}
    ${words(DAY, 'needed', 10.1, needed + 0.25, metres(needed))}
  </svg>`
}

/** The edge between paper and sea at the foot of every page. */
export function waterline(): Html {
  return html`<svg class="waterline" aria-hidden="true">${stretched(FOOT, html`<path d="${water(FOOT)}" />`)}</svg>`
}

/** `from 01:11 to 06:49 and from 13:28 to 19:10` */
export function spoken(windows: { from: number; to: number }[]): string {
  return windows.map(({ from, to }) => `from ${clock(from)} to ${clock(to)}`).join(' and ')
}

/** `5.8 m` */
export function metres(value: number): string {
  return `${value.toFixed(1)} m`
}

/**
 * The curve as cubic Béziers, one an hour: with the sum's own slope at both ends they follow it to a millimetre.
 * Hours to the right, metres up; SVG counts down, so every height changes its sign.
 */
export function line({ from, to }: Pick<Frame, 'from' | 'to'>): string {
  let path = `M${round(from)} ${up(height(from))}`
  for (let left = from; left < to; left += 1) {
    const right = Math.min(left + 1, to)
    const third = (right - left) / 3
    const leaving = `${round(left + third)} ${up(height(left) + slope(left) * third)}`
    const arriving = `${round(right - third)} ${up(height(right) - slope(right) * third)}`
    path += `C${leaving} ${arriving} ${round(right)} ${up(height(right))}`
  }
  return path
}

function water(frame: Frame): string {
  return `${line(frame)}V${up(Math.max(frame.bottom, 0))}H${round(frame.from)}Z`
}

function stretched({ from, to, bottom, top }: Frame, drawing: Html): Html {
  const box = `${from} ${up(top)} ${to - from} ${top - bottom}`
  return html`<svg viewBox="${box}" width="100%" height="100%" preserveAspectRatio="none">${drawing}</svg>`
}

function turnMarks({ from, to }: Frame, frame: Frame = STRIP): Html[] {
  return turns(from, to).map(({ kind, hour, height }) => {
    const at = height + (kind === 'low' ? frame.lift : 0.25)
    return html`${words(frame, 'time', hour, at + 0.55, clock(hour))}
    ${words(frame, 'height', hour, at, metres(height))}`
  })
}

function hourMarks(frame: Frame, hours: number[]): Html[] {
  return hours.map((hour) => words(frame, 'hour', hour, -0.7, String(hour % 24).padStart(2, '0')))
}

function words({ from, to, bottom, top }: Frame, kind: string, hour: number, at: number, text: string): Html {
  const x = round(((hour - from) / (to - from)) * 100)
  const y = round(((top - at) / (top - bottom)) * 100)
  return html`<text class="${kind}" x="${x}%" y="${y}%">${text}</text>`
}

function up(value: number): number {
  return round(-value)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
