/** Names the built files that the relay on Node uses, in the package: beside its scripts. It replaces `built-files.ts` there. */
import { join } from 'node:path'

/** Folder of the widget. */
export const WIDGET_FOLDER = join(import.meta.dirname, '../widget')

/** Script of the thread that copies the log of a database. */
export const LOG_THREAD = new URL('log-thread.js', import.meta.url)
