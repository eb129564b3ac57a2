/** Files of one folder for `pages.ts`. Node only. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Pages } from './page-routes.ts'

/**
 * Reads anew at each request, so that a build shows without a restart. `folder` ends with a slash. A path that leads
 * out of it finds nothing.
 */
export function pagesIn(folder: URL): Pages {
  return async (path) => {
    const type = TYPES[extname(path)]
    const file = URL.canParse(path, folder.href) ? new URL(path, folder) : undefined
    if (type === undefined || !file?.href.startsWith(folder.href)) return undefined
    try {
      return { content: await readFile(file), type }
    } catch (error) {
      if (error instanceof Error && 'code' in error && MISSING.has(String(error.code))) return undefined
      throw error
    }
  }
}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ERR_INVALID_FILE_URL_PATH', 'ERR_INVALID_ARG_VALUE'])

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
}
