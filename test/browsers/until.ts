/** Waits for a condition outside of Node, which no event reports. */

/** Longest wait, in ms: a browser on a busy machine may need seconds. */
const MAX_WAIT_MS = 20_000

/**
 * Resolves with the first value that is neither false, null nor undefined.
 *
 * @throws Error with `what` if there is none in time
 */
export async function until<Value>(what: string, read: () => Promise<Value>): Promise<NonNullable<Value>> {
  for (const deadline = Date.now() + MAX_WAIT_MS; ; await new Promise((done) => setTimeout(done, 20))) {
    const value = await read()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`${what}: not within ${MAX_WAIT_MS / 1000} s`)
  }
}
