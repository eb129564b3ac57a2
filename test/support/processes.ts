/** Looks at the processes of this machine. */
import { readdirSync, readFileSync } from 'node:fs'

/** Returns true if a process with this id runs. A zombie does not run. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || readProcess(pid)?.state !== 'Z'
  } catch {
    return false
  }
}

/** Lists a process and all its descendants, as id and command line. Linux only. */
export function descendantsOf(pid: number): Map<number, string> {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== undefined)
  const found = new Map<number, string>()
  const add = (id: number): void => {
    for (const { pid, parent, command } of all) {
      if (pid === id) found.set(pid, command)
      if (parent === id) add(pid)
    }
  }
  add(pid)
  return found
}

interface Process {
  pid: number
  parent: number
  state: string
  command: string
}

/** Reads `/proc`. Returns undefined if the process has ended meanwhile. */
function readProcess(pid: number): Process | undefined {
  try {
    // The second field is the program's name in brackets, which may contain spaces.
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return { pid, parent: Number(parent), state, command }
  } catch {
    return undefined
  }
}
