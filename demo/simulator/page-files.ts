/** Reads the files of the built page from a folder, for `page-routes.ts`. Node only. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { ReadPageFile } from './page-routes.ts'

/**
 * Returns a reader that reads the file at each request, so that a new build needs no restart. A path outside the folder
 * is treated as missing.
 *
 * @param folder ends with a slash
 */
export function pageFilesIn(folder: URL): ReadPageFile {
  return async (path) => {
    const type = MEDIA_TYPES[extname(path)]
    const file = URL.canParse(path, folder.href) ? new URL(path, folder) : undefined
    if (type === undefined || !file?.href.startsWith(folder.href)) return undefined
    try {
      return { content: await readFile(file), type }
    } catch (error) {
      if (error instanceof Error && 'code' in error && MISSING_FILE_CODES.has(String(error.code))) return undefined
      throw error
    }
  }
}

const MISSING_FILE_CODES = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ERR_INVALID_FILE_URL_PATH',
  'ERR_INVALID_ARG_VALUE',
])

const MEDIA_TYPES: Readonly<Record<string, string>> = {
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
