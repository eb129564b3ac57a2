/**
 * A network, a folder `/var/lib` and names of hosts of a test's own, so that commands run at the ports, paths and addresses that
 * the documents name. Nothing outside of it is reached or changed.
 *
 * It uses Linux's namespaces through util-linux's `unshare` and `nsenter`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withParent } from './with-parent.ts'

const UNSHARE = ['--map-root-user', '--net', '--mount']
const SET_UP = 'ip link set lo up && mount --bind "$1/lib" /var/lib && mount --bind "$1/hosts" /etc/hosts'

/** True where this user may create namespaces. */
export const HAS_PRIVATE_NETWORK =
  spawnSync('unshare', [...UNSHARE, 'sh', '-c', 'ip link set lo up && mount --bind /tmp /var/lib']).status === 0

export interface PrivateNetwork {
  /** Returns the command that runs a program in the network, with a working folder. */
  inside: (cwd: string, program: string, words: readonly string[]) => [program: string, words: string[]]
  end: () => void
}

/**
 * Creates the network.
 *
 * @param folder gets the files that stand in for `/var/lib` and `/etc/hosts`
 * @param hosts names that lead to the network's own address
 */
export async function createPrivateNetwork(folder: string, hosts: readonly string[]): Promise<PrivateNetwork> {
  mkdirSync(join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 ${['localhost', ...hosts].join(' ')}\n`)
  const script = `${SET_UP} && echo ready && exec sleep infinity`
  const [command, words] = withParent('unshare', [...UNSHARE, 'sh', '-c', script, 'sh', folder])
  const holder = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'exit').then(([code]) => Promise.reject(new Error(`unshare ended with ${code}`))),
  ])
  const place = ['--target', String(holder.pid), '--user', '--net', '--mount', '--preserve-credentials']
  return {
    inside: (cwd, program, more) => ['nsenter', [...place, '--', 'env', '--chdir', cwd, program, ...more]],
    end: () => void holder.kill('SIGKILL'),
  }
}
