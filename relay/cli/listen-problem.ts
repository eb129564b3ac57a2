/** Says why a server could not listen, and what to do, for the commands that start one. */

/** Returns the message of an error. One about the port says what to do. */
export function listenProblem(error: unknown): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `the port ${port} is in use: end the program that has it, or choose another with --port`
  if (code === 'EACCES' && port !== undefined) {
    return `the port ${port} may not be used by this user: choose one above 1023 with --port`
  }
  return message
}
