/** Declares the types of a page and of the site's options; it contains no code. */
import type { html } from 'hono/html'

/** Escaped markup, as returned by Hono's `html`. */
export type Html = ReturnType<typeof html>

export interface Page {
  /** Path on the site, such as `/pricing`. */
  path: string
  /** Title, to which the layout adds the company's name. */
  title: string
  /** One or two sentences for search engines and previews. */
  description: string
  body: Html
}

export interface SiteOptions {
  /** Base address of the relay, without a trailing slash. */
  relay: string
  /** Base address of the simulator, without a trailing slash. */
  journeys: string
  /** Id of the Marketo account, such as `123-ABC-456`. */
  munchkinId: string
}
