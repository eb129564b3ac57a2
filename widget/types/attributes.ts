/** The attributes and events of `<form-sync>` as the templates of frameworks have them; it holds types alone. */
import type { ConsentSetting } from '../consent/answer.ts'
import type { FormSyncEventMap } from '../events.ts'
import type { Messages } from '../locales/en.ts'

/** Attributes of the element, beside those of all elements. */
export type FormSyncAttributes = {
  /** Id or selector of a form that is not inside the element. */
  for?: string
  /** Sends a copy beside the page's own script; the address at the relay. */
  also?: string | boolean
  theme?: 'plain'
  'munchkin-id'?: string
  /** What tells whether the visitor lets the page recognise them. */
  consent?: ConsentSetting
  debug?: string | boolean
  /** Texts that replace the English ones. */
  messages?: Partial<Messages>
} & { [Name in keyof Messages as `message-${Name}`]?: string }

type Camel<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Capitalize<Head>}${Camel<Tail>}`
  : Capitalize<Text>

/** Listeners under the names that React 19 and Svelte 5 have for them: `onform-sync-sent`. */
export type FormSyncListeners = {
  [Name in keyof FormSyncEventMap as `on${Name}`]?: (event: FormSyncEventMap[Name]) => void
}

/** Listeners under the names that Vue has for them: `onFormSyncSent`, which is `@form-sync-sent` in a template. */
export type CamelListeners = {
  [Name in keyof FormSyncEventMap as `on${Camel<Name>}`]?: (event: FormSyncEventMap[Name]) => void
}
