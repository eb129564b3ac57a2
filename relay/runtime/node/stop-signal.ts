/** When a program on Node is told to stop: by a signal, or by the end of the `npm run` that started it. */

/** Time between two checks whether the parent process has ended, in ms. */
const PARENT_CHECK_INTERVAL_MS = 500

/**
 * Resolves at SIGTERM or SIGINT, or when the `npm run` that started the program has ended. Call it before the program
 * listens, so that every signal ends it gracefully.
 */
export function stopSignal(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    if (env.npm_lifecycle_event !== undefined) onParentEnd(resolve)
  })
}

/**
 * Calls `stop` when the parent process has ended. `npm run` starts a shell that starts the program, and passes SIGTERM to
 * the shell. Many shells end without passing it on, and the program would go on without them.
 */
function onParentEnd(stop: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, PARENT_CHECK_INTERVAL_MS).unref()
}
