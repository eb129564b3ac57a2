/** Names the folder of the built journeys page, in a checkout. The package replaces this file: `packaged-page.ts`. */

/** Folder that `npm run build` writes, with a slash at its end. */
export const PAGE_FOLDER = new URL('../../dist/journeys/', import.meta.url)
