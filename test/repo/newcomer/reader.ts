/**
 * Types the commands of a page as its reader would: in an empty folder, from top to bottom, each server in a terminal of its own.
 * A command that fails ends the page with an error that names the block.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandBlock } from '../../support/documented-commands.ts'
import type { PrivateNetwork } from '../../support/private-network.ts'
import { withParent } from '../../support/with-parent.ts'

/** What a server prints when it can be used, by the word after `form-sync` or its program. */
const READY = { simulator: /simulator http\S+/, serve: /listens at \S+/, page: /page http\S+/ } as const
type Server = keyof typeof READY
export const SERVERS = Object.keys(READY) as Server[]
const SERVER = /form-sync(?:\.js)? (simulator|serve|page)\b/

/** What commands print that end with 1, because they name an example that the reader's store does not have. By their start. */
export type Misses = Readonly<Record<string, string>>

interface Typed {
  code: number | null
  printed: string
}

export class Reader {
  readonly #servers = new Map<Server, ChildProcess>()
  readonly #network: PrivateNetwork
  readonly #home: string
  #env: Readonly<Record<string, string>>
  #folder: string

  /** Creates a reader in an empty folder below `home`. */
  constructor(network: PrivateNetwork, home: string, env: Readonly<Record<string, string>>) {
    this.#network = network
    this.#home = home
    this.#env = env
    this.#folder = this.#newFolder()
  }

  /** Types a block. Resolves with what its commands printed, apart from servers. */
  async type({ place, text }: CommandBlock, misses: Misses = {}): Promise<string> {
    if (text.startsWith('npm install form-sync\n')) this.#folder = this.#newFolder()
    let printed = ''
    const before = this.#env
    for (const command of commandsOf(text)) {
      const server = SERVER.exec(command)?.[1] as Server | undefined
      const [, variable] = /^export ([A-Z_]+)=/.exec(command) ?? []
      if (server) await this.#startServer(place, server, command)
      else if (variable) await this.#export(place, variable, command)
      else printed += await this.run(place, command, misses)
    }
    this.#env = before
    return printed
  }

  /** Sets a variable for the rest of the block, in all terminals. */
  async #export(place: string, variable: string, command: string): Promise<void> {
    this.#env = { ...this.#env, [variable]: await this.run(place, `${command}; printf %s "$${variable}"`) }
  }

  /** Ends a server by SIGTERM. Resolves with its exit code. */
  async end(server: Server): Promise<number | null> {
    const child = this.#servers.get(server)
    this.#servers.delete(server)
    if (!child) return 0
    const ended = once(child, 'close') as Promise<[number | null]>
    child.kill('SIGTERM')
    return (await ended)[0]
  }

  #newFolder(): string {
    return mkdtempSync(join(this.#home, 'folder-'))
  }

  async #startServer(place: string, server: Server, command: string): Promise<void> {
    await this.end(server)
    const child = this.#spawn(`exec ${command}`)
    this.#servers.set(server, child)
    let printed = ''
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        printed += String(chunk)
        if (READY[server].test(printed)) resolve()
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.once('close', (code) => reject(new Error(`${place}: "${command}" ended with ${code}:\n${printed}`)))
    })
  }

  /** Runs one command. Resolves with what it has printed, on both outputs. */
  async run(place: string, command: string, misses: Misses = {}): Promise<string> {
    const { code, printed } = await this.#finish(command)
    const miss = Object.entries(misses).find(([start]) => command.startsWith(start))?.[1]
    if (miss === undefined ? code === 0 : code === 1 && printed.includes(miss)) return printed
    throw new Error(`${place}: "${command}" ended with ${code}:\n${printed}`)
  }

  async #finish(command: string): Promise<Typed> {
    const child = this.#spawn(command)
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, printed }
  }

  #spawn(command: string): ChildProcess {
    const [program, words] = this.#network.inside(
      this.#folder,
      ...withParent('bash', ['-euo', 'pipefail', '-c', command]),
    )
    return spawn(program, words, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

/** Splits a block into its commands. One that sets variables for the next is typed as a whole. */
function commandsOf(text: string): string[] {
  return /^[A-Z_]+=/m.test(text) ? [text.trimEnd()] : text.trimEnd().split(/(?<!\\)\n/)
}
