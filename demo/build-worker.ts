/** Builds the Worker's script from the current sources, as for Cloudflare. It starts nothing. */
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/**
 * Builds the script with Vite's mode `worker`. Resolves with its path.
 *
 * @param folder is emptied first
 * @param entry the Worker's module; the relay's by default
 */
export async function buildWorker(folder: string, entry?: string): Promise<string> {
  // Most programs that import this file never build.
  const { build } = await import('vite')
  await build({
    root: ROOT,
    mode: 'worker',
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true, ...(entry !== undefined && { lib: { entry } }) },
  })
  return join(folder, 'worker.js')
}
