/** Names the folder of the built journeys page, in the package: beside its scripts. It replaces `built-page.ts` there. */

/** Folder of the page, with a slash at its end. */
export const PAGE_FOLDER = new URL('../journeys/', import.meta.url)
