/** Stores the settings that can change at run time: workspaces, assignment rules, strict mode, forms. Limits are in `limits.ts`. */
import type { Form } from './people/forms.ts'
import type { AssignmentRule, Workspaces } from './people/workspaces.ts'

export interface Settings {
  workspaces: Workspaces
  rules: readonly AssignmentRule[]
  /** True: a message that violates the schema is rejected. */
  strict: boolean
  forms: readonly Form[]
}

export class SettingsStore {
  readonly #initial: Settings
  #changed: Partial<Settings> = {}

  /** @param initial settings that `clear` returns to */
  constructor(initial: Settings) {
    this.#initial = initial
  }

  get current(): Settings {
    return { ...this.#initial, ...this.#changed }
  }

  /** Settings that were changed since the start. Only these are stored, so that a restart may use other initial ones. */
  get changed(): Partial<Settings> {
    return this.#changed
  }

  /** Changes the given settings and keeps the others. */
  set(settings: Partial<Settings>): void {
    this.#changed = { ...this.#changed, ...settings }
  }

  clear(): void {
    this.#changed = {}
  }
}
