/**
 * Replaces Lit's reactive element in the script that pages load: the part of it that the widget uses, under the same names. It
 * has no controllers, converters and hooks; bundlers take Lit's own, which other elements of the page may share.
 */

/** A style sheet that is parsed at its first use. `undefined` where the browser cannot construct it. */
export interface CSSResult {
  cssText: string
  readonly styleSheet: CSSStyleSheet | undefined
}

/** Makes a style sheet of a text. */
export function unsafeCSS(cssText: string): CSSResult {
  let sheet: CSSStyleSheet | undefined
  return {
    cssText,
    get styleSheet() {
      if (!sheet && 'adoptedStyleSheets' in document) (sheet = new CSSStyleSheet()).replaceSync(cssText)
      return sheet
    },
  }
}

interface Options {
  /** `false` where no attribute sets the property. */
  attribute?: boolean
  /** True where an attribute follows the property. */
  reflect?: boolean
}

/** Names of the properties that have changed, with their values before. */
export type PropertyValues = Map<PropertyKey, unknown>

type Properties = Record<PropertyKey, unknown>

/** An element whose properties bring about one update, soon after a change and not before the page has the element. */
export class ReactiveElement extends HTMLElement {
  declare static styles: CSSResult
  declare static properties: Record<string, Options>

  declare renderRoot: HTMLElement | DocumentFragment
  hasUpdated = false
  /** Resolves when the last change was rendered. */
  updateComplete: Promise<unknown>

  #connect!: () => void
  #changed: PropertyValues = new Map()
  #isPending = false
  /** Values that the page has set before the element was registered. */
  #early: [name: string, value: unknown][] = []

  /** Makes the properties, and returns the names of attributes. The browser asks once, when the element is registered. */
  static get observedAttributes(): string[] {
    const { properties } = this
    const names = Object.keys(properties)
    for (const name of names) {
      const key = Symbol()
      Object.defineProperty(this.prototype, name, {
        get(this: Properties) {
          return this[key]
        },
        set(this: Properties & ReactiveElement, value: unknown) {
          const before = this[key]
          this[key] = value
          this.requestUpdate(name, before)
        },
        configurable: true,
      })
    }
    return names.filter((name) => properties[name]!.attribute !== false)
  }

  constructor() {
    super()
    this.updateComplete = new Promise<void>((connect) => (this.#connect = connect))
    for (const name of Object.keys(this.#properties)) {
      if (!Object.hasOwn(this, name)) continue
      this.#early.push([name, this.#own[name]])
      delete this.#own[name]
    }
    this.requestUpdate()
  }

  get #own(): Properties {
    return this as unknown as Properties
  }

  get #properties(): Record<string, Options> {
    return (this.constructor as typeof ReactiveElement).properties
  }

  connectedCallback(): void {
    this.renderRoot ??= this.createRenderRoot()
    this.#connect()
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    this.#own[name] = value
  }

  /** @param name the property that has changed; without it the element is updated all the same */
  requestUpdate(name?: string, before?: unknown): void {
    if (name) {
      if (this.#own[name] === before) return
      if (!this.#changed.has(name)) this.#changed.set(name, this.hasUpdated ? before : undefined)
    }
    if (this.#isPending) return
    this.#isPending = true
    this.updateComplete = this.#perform(this.updateComplete)
  }

  async #perform(last: Promise<unknown>): Promise<void> {
    await last.catch(() => {})
    for (const [name, value] of this.#early.splice(0)) this.#own[name] = value
    this.update(this.#changed)
    this.hasUpdated = true
  }

  protected createRenderRoot(): HTMLElement | DocumentFragment {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    const { styleSheet, cssText } = (this.constructor as typeof ReactiveElement).styles
    if (styleSheet) root.adoptedStyleSheets = [styleSheet]
    else {
      const style = document.createElement('style')
      style.textContent = cssText
      root.append(style)
    }
    return root
  }

  /** Sets the attributes that follow properties. What is changed from here on brings about another update. */
  protected update(changed: PropertyValues): void {
    this.#changed = new Map()
    this.#isPending = false
    for (const name of changed.keys()) {
      const value = this.#own[name]
      if (!this.#properties[name as string]!.reflect) continue
      if (value === null || value === undefined) this.removeAttribute(name as string)
      else this.setAttribute(name as string, value as string)
    }
  }
}
