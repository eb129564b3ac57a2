/** Says why a server could not listen, and what to do, for the commands that start one. */

/**
 * Returns the message of an error. One about the port says what to do.
 *
 * @param port the port that was asked for. Not each runtime names it in the error
 */
export function listenProblem(error: unknown, port: number): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `the port ${port} is in use: end the program that has it, or choose another with --port`
  if (code === 'EACCES' && port > 0 && port < 1024) {
    return `the port ${port} may not be used by this user: choose one above 1023 with --port`
  }
  return message
}
