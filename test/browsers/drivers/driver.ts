/** The port of a browser's driver: what the tests of browsers do with a page, in terms that every driver has. */

export interface Driver {
  /** Name for `--browser`. */
  name: string
  /** How to get the browser where it is missing. */
  hint: string
  /** Starts the browser. Resolves with the reason where it is not installed. */
  start(): Promise<RunningBrowser | string>
}

/** A browser with one page. */
export interface RunningBrowser {
  /** Name and version, as the browser tells them. */
  version: string
  open(url: string): Promise<void>
  /** Returns the value of an expression in the page, which may be a promise. */
  run(expression: string): Promise<unknown>
  /** Types text into a field, key by key. */
  type(selector: string, text: string): Promise<void>
  /** Presses the mouse button on an element. */
  press(selector: string): Promise<void>
  /** Presses the mouse button on an element in the shadow tree of `<form-sync>`. */
  pressInShadow(selector: string): Promise<void>
  close(): Promise<void>
}
