/** Loads a module that needs the driver of PostgreSQL, which an installation of the package has only where it is asked for. */

/**
 * Resolves with the module that `load` imports.
 *
 * @throws {Error} with a remedy if the driver is not installed
 */
export async function withDriver<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' || !/package 'pg'/.test(message)) throw error
    throw new Error('FORM_SYNC_DATABASE needs the package pg, which is not installed. Run "npm install pg@8".', {
      cause: error,
    })
  }
}
