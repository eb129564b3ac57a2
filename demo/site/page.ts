/** What a page is, before the layout frames it. Types only. */
import type { html } from 'hono/html'

/** Escaped markup, as Hono's `html` makes it. */
export type Html = ReturnType<typeof html>

export interface Page {
  /** Where it stands on the site: `/pricing`. */
  path: string
  /** Without the company's name, which the layout adds. */
  title: string
  /** For search engines and previews: one or two sentences. */
  description: string
  body: Html
}

/** What the site was told at start. */
export interface Surroundings {
  /** The relay's base address, without a slash at its end. */
  relay: string
  /** The simulator's base address, without a slash at its end. */
  journeys: string
  /** Whose Munchkin script this is: `123-ABC-456`. */
  munchkinId: string
}
