/**
 * Draws the tide of `tide.ts` as inline SVG; it computes no heights of its own.
 *
 * A drawing has no fixed size: its coordinates are hours and metres, stretched to the box that the style sheet defines.
 * Labels are placed by percentages outside the stretched part, so that they stay legible on a phone.
 */
import { html } from 'hono/html'
import type { Html } from './page.ts'
import { extremes, formatTime, height, slope, windowsAbove } from './tide.ts'

/** Visible part of the tide: hours on the x axis, metres on the y axis. */
interface Extent {
  from: number
  to: number
  bottom: number
  top: number
  /** Distance from a low water up to its labels, in metres. The curve on both sides must pass below them. */
  lowLabelOffset: number
}

/** Six days from a spring tide, with space for labels above and below the curve. */
const STRIP: Extent = { from: 0, to: 144, bottom: -1.6, top: 7.2, lowLabelOffset: 0.5 }
const DAYS = ['Mon 4 May', 'Tue 5 May', 'Wed 6 May', 'Thu 7 May', 'Fri 8 May', 'Sat 9 May']

/** The first of these days, with a margin on both sides. */
const DAY: Extent = { from: -0.9, to: 24.9, bottom: -0.9, top: 7.2, lowLabelOffset: 1.3 }

/** A day of neap tides, for the footer. */
const FOOTER: Extent = { from: 148, to: 173, bottom: 1.6, top: 4.6, lowLabelOffset: 0 }

/** Draws the area under the curve of the home page's chart. The style sheet shows only the measured part. */
export function stripArea(): Html {
  return html`<svg aria-hidden="true">${stretch(STRIP, html`<path class="water" d="${areaPath(STRIP)}" />`)}</svg>`
}

/** Draws the curve of the home page's chart, with hours, and with time and height of each high and low water. */
export function stripCurve(): Html {
  const hours = Array.from({ length: STRIP.to / 3 - 1 }, (_, step) => (step + 1) * 3)
  const heights = extremes(STRIP.from, STRIP.to).map((extreme) => extreme.height)
  const heightRange = `from ${formatMetres(Math.min(...heights))} to ${formatMetres(Math.max(...heights))}`
  return html`<svg role="img" aria-label="Tide at Eastholm: two high and two low waters a day, ${heightRange}">
    ${stretch(STRIP, html`<path class="datum" d="M${STRIP.from} 0H${STRIP.to}" /><path class="curve" d="${curvePath(STRIP)}" />`)}
    ${extremeLabels(STRIP)} ${hourLabels(STRIP, hours)}
    ${DAYS.map((day, index) => label(STRIP, 'day', index * 24 + 12, -1.3, day))}
  </svg>`
}

/**
 * Draws one day at Eastholm and marks the hours in which the tide is high enough to cross the bar.
 *
 * @param needed metres above chart datum
 */
export function passageChart(needed: number): Html {
  const windows = windowsAbove(needed, 0, 24)
  const drawing = html`<path class="water" d="${areaPath(DAY)}" />
    ${windows.map(({ from, to }) => html`<path class="open" d="${curvePath({ from, to })}Z" />`)}
    <path class="needed" d="M${DAY.from} ${toY(needed)}H${DAY.to}" />
    ${windows.map(({ from, to }) => html`<path class="window" d="M${round(from)} ${toY(needed)}H${round(to)}" />`)}
    <path class="datum" d="M${DAY.from} 0H${DAY.to}" />
    <path class="curve" d="${curvePath(DAY)}" />`
  return html`<svg class="passage" role="img" aria-labelledby="passage-title">
    <title id="passage-title">
      Height of tide at Eastholm on 4 May: above ${formatMetres(needed)} ${formatWindows(windows)}
    </title>
    ${stretch(DAY, drawing)} ${extremeLabels({ ...DAY, from: 0, to: 24 }, DAY)} ${hourLabels(DAY, [0, 6, 12, 18, 24])}
    ${windows.map(({ from, to }) => label(DAY, 'open', (from + to) / 2, needed - 0.6, `${formatTime(from)}–${formatTime(to)}`))}
    ${label(DAY, 'needed', 10.1, needed + 0.25, formatMetres(needed))}
  </svg>`
}

/** Draws the waterline above the footer of every page. */
export function waterline(): Html {
  return html`<svg class="waterline" aria-hidden="true">
    ${stretch(FOOTER, html`<path d="${areaPath(FOOTER)}" />`)}
  </svg>`
}

/** Formats windows as `from 01:11 to 06:49 and from 13:28 to 19:10`. */
export function formatWindows(windows: { from: number; to: number }[]): string {
  return windows.map(({ from, to }) => `from ${formatTime(from)} to ${formatTime(to)}`).join(' and ')
}

/** Formats a height as `5.8 m`. */
export function formatMetres(value: number): string {
  return `${value.toFixed(1)} m`
}

/**
 * Returns the path of the curve: one cubic Bézier per hour, with the slope of the tide at both ends, accurate to a
 * millimetre.
 */
export function curvePath({ from, to }: Pick<Extent, 'from' | 'to'>): string {
  let path = `M${round(from)} ${toY(height(from))}`
  for (let left = from; left < to; left += 1) {
    const right = Math.min(left + 1, to)
    const third = (right - left) / 3
    const leaving = `${round(left + third)} ${toY(height(left) + slope(left) * third)}`
    const arriving = `${round(right - third)} ${toY(height(right) - slope(right) * third)}`
    path += `C${leaving} ${arriving} ${round(right)} ${toY(height(right))}`
  }
  return path
}

function areaPath(extent: Extent): string {
  return `${curvePath(extent)}V${toY(Math.max(extent.bottom, 0))}H${round(extent.from)}Z`
}

function stretch({ from, to, bottom, top }: Extent, drawing: Html): Html {
  const box = `${from} ${toY(top)} ${to - from} ${top - bottom}`
  return html`<svg viewBox="${box}" width="100%" height="100%" preserveAspectRatio="none">${drawing}</svg>`
}

function extremeLabels({ from, to }: Extent, extent: Extent = STRIP): Html[] {
  return extremes(from, to).map(({ kind, hour, height }) => {
    const at = height + (kind === 'low' ? extent.lowLabelOffset : 0.25)
    return html`${label(extent, 'time', hour, at + 0.55, formatTime(hour))}
    ${label(extent, 'height', hour, at, formatMetres(height))}`
  })
}

function hourLabels(extent: Extent, hours: number[]): Html[] {
  return hours.map((hour) => label(extent, 'hour', hour, -0.7, String(hour % 24).padStart(2, '0')))
}

function label({ from, to, bottom, top }: Extent, kind: string, hour: number, at: number, text: string): Html {
  const x = round(((hour - from) / (to - from)) * 100)
  const y = round(((top - at) / (top - bottom)) * 100)
  return html`<text class="${kind}" x="${x}%" y="${y}%">${text}</text>`
}

/** Returns the y coordinate of a height. The y axis of SVG points down. */
function toY(metres: number): number {
  return round(-metres)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
