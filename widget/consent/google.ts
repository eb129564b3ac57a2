/**
 * Reads Google's Consent Mode 2: the state that Google's script keeps, or else the commands in `dataLayer`. It changes neither.
 */
import type { Answer, Tool } from './answer.ts'

/** State of a consent type: `update` is what the visitor has decided, `default` what holds until then. */
interface Entry {
  default?: boolean | undefined
  update?: boolean | undefined
}

declare global {
  interface Window {
    dataLayer?: unknown[]
    google_tag_data?: { ics?: { entries?: Record<string, Entry> } }
  }
}

export const google: Tool = {
  label: "Google's Consent Mode (a consent command in dataLayer)",
  categories: ['ad_storage'],
  isPresent: () => Object.keys(states()).length > 0,
  follow: (types) => () => answerOf(types, states()),
}

function answerOf(types: string[], all: Record<string, Entry>): Answer | undefined {
  const states = types.map((type) => all[type] ?? {})
  const detail = types.map((type) => `${type}=${all[type]?.update === false ? 'denied' : 'granted'}`).join(' ')
  if (states.some(({ update }) => update === false)) return { decision: 'denied', detail }
  // Until the visitor decides, what is allowed by default needs no consent here, and nothing else is known.
  if (!states.every((state) => state.update ?? state.default)) return undefined
  return { decision: states.some(({ update }) => update) ? 'granted' : 'not-required', detail }
}

function states(): Record<string, Entry> {
  const { entries } = window.google_tag_data?.ics ?? {}
  return entries && Object.keys(entries).length > 0 ? entries : statesOf(window.dataLayer ?? [])
}

/** A command: `gtag('consent', 'default' | 'update', {ad_storage: 'granted' | 'denied'})`. */
type Command = ArrayLike<unknown> & { 1: 'default' | 'update'; 2: Record<string, unknown> }

/** Returns the states after all commands. */
function statesOf(dataLayer: unknown[]): Record<string, Entry> {
  const commands = dataLayer.filter(isCommand)
  // A default for a region holds for some visitors, and the page does not know for which.
  const hasRegion = commands.some((command) => command[1] === 'default' && command[2].region)
  const found: Record<string, Entry> = {}
  for (const { 1: name, 2: values } of commands) {
    if (name === 'default' && hasRegion) continue
    for (const [type, value] of Object.entries(values)) {
      if (value === 'granted' || value === 'denied') (found[type] ??= {})[name] = value === 'granted'
    }
  }
  return found
}

function isCommand(item: unknown): item is Command {
  const { 0: name, 1: command, 2: values } = Object(item) as Partial<Command>
  return name === 'consent' && (command === 'default' || command === 'update') && typeof values === 'object'
}
