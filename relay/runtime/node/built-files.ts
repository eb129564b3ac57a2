/** Names the built files that the relay on Node uses, in a checkout. The package replaces this file: `packaged-files.ts`. */
import { join } from 'node:path'

/** Folder of the widget, which `npm run build` writes. */
export const WIDGET_FOLDER = join(import.meta.dirname, '../../../dist/widget')

/** Script of the thread that copies the log of a database. */
export const LOG_THREAD = new URL('log-thread.ts', import.meta.url)
