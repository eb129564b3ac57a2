/** Tickets and challenges, as a module that the Worker loads only where a form has one of them. */
import type { RobotSecrets } from '../../config/robots.ts'
import { createRobots, type Robots } from '../../guards/robots.ts'
import { log } from './log.ts'

/** Creates what checks the posts of an isolate. Each isolate remembers by itself which tickets were used. */
export function createWorkerRobots(secrets: RobotSecrets): Robots {
  return createRobots({
    ...secrets,
    now: Date.now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (url, init) => fetch(url, init),
    log,
  })
}
