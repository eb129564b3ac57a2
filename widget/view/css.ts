/** Makes a style sheet of a template without expressions. Lit's own function would add checks that no page needs. */
import { type CSSResult, unsafeCSS } from '@lit/reactive-element'

/** The name is that of Lit's function, by which the build finds style sheets to minify. */
export const css = ([text]: TemplateStringsArray): CSSResult => unsafeCSS(text)
