/** What may be set while it runs, beside the limits: workspaces, the rules that assign to them, and how strict it is. */
import type { AssignmentRule, Workspaces } from './people/workspaces.ts'

export interface Settings {
  workspaces: Workspaces
  rules: readonly AssignmentRule[]
  /** True: a message that is not exactly what the schema says is refused. */
  strict: boolean
}

export class SettingsBoard {
  readonly #first: Settings
  #changed: Partial<Settings> = {}

  /** `first` is what a reset comes back to. */
  constructor(first: Settings) {
    this.#first = first
  }

  get now(): Settings {
    return { ...this.#first, ...this.#changed }
  }

  /** What was set since, which is less than all: a restart may begin with something else. */
  get changed(): Partial<Settings> {
    return this.#changed
  }

  /** What is left out stays as it is. */
  set(settings: Partial<Settings>): void {
    this.#changed = { ...this.#changed, ...settings }
  }

  clear(): void {
    this.#changed = {}
  }
}
