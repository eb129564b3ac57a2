/** Counts the replies that a connection has got. Pure, except for the end of a chunk that it keeps. */

/** Returns a function that takes the next bytes of a connection, and returns the statuses whose lines end in them. */
export function countStatuses(): (chunk: Buffer) => string[] {
  let rest = ''
  return (chunk) => {
    const text = rest + chunk.toString('latin1')
    const found: string[] = []
    let end = 0
    for (const match of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      found.push(match[1]!)
      end = match.index + match[0].length
    }
    rest = text.slice(Math.max(end, text.length - 'HTTP/1.1 20'.length))
    return found
  }
}
