/** Stores the settings that can change at run time, from workspaces to fields. Limits are in `limits.ts`. */
import type { Campaign } from './people/campaigns.ts'
import type { Field } from './people/fields.ts'
import type { Form } from './people/forms.ts'
import type { AssignmentRule, Workspaces } from './people/workspaces.ts'

export interface Settings {
  workspaces: Workspaces
  rules: readonly AssignmentRule[]
  /** True: a message that violates the schema is rejected. */
  strict: boolean
  forms: readonly Form[]
  /** Fields of a person. */
  fields: readonly Field[]
  /** Names of the static lists. */
  lists: readonly string[]
  campaigns: readonly Campaign[]
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

  /** Returns these settings to their initial values. */
  restoreInitial(names: readonly (keyof Settings)[]): void {
    this.#changed = Object.fromEntries(
      Object.entries(this.#changed).filter(([name]) => !names.some((other) => other === name)),
    )
  }

  clear(): void {
    this.#changed = {}
  }
}
