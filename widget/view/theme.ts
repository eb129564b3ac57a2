/**
 * Styles the form for `theme="plain"`; it overrides no class of the page and adds no inline style.
 *
 * The fields belong to the page, so the tree that contains the element adopts the sheet. A Content-Security-Policy does
 * not block that. The selectors have the specificity of an element, so that style resets do not undo the theme, and a class
 * of the page wins. That of a button is that of a class, because resets name `[type='submit']`.
 */
import { css } from './css.ts'

const sheet = css`
  form-sync:where([theme='plain']) {
    --fs-accent: var(--form-sync-accent, light-dark(oklch(0.47 0.15 255), oklch(0.8 0.1 255)));
    --fs-error: light-dark(oklch(0.5 0.19 27), oklch(0.77 0.14 25));
    --fs-radius: var(--form-sync-radius, 6px);
    font-family: var(--form-sync-font, inherit);
    line-height: 1.5;
    accent-color: var(--fs-accent);
    max-inline-size: 36rem;

    & :where(form, form > *, fieldset > *) {
      margin-block: 0;
    }
    & :where(form > * + *) {
      margin-block-start: 24px;
    }
    & :where(label, legend) {
      display: block;
      font-weight: 600;
    }
    & :where(small) {
      display: block;
      font-size: 0.9em;
      font-weight: 400;
      opacity: 0.75;
    }
    & :where(fieldset, legend) {
      float: none;
      margin-inline: 0;
      border: 0;
      padding: 0;
      font-size: inherit;
    }
    & :where(input, select, textarea) {
      box-sizing: border-box;
      min-block-size: 44px;
      font: inherit;
      font-weight: 400;
      color: inherit;
    }
    & :where(input:not([type='checkbox'], [type='radio'], [type='submit'], [type='range']), select, textarea) {
      display: block;
      inline-size: 100%;
      padding: 9px 12px;
      border: 1px solid oklch(0.6 0.03 255);
      border-radius: var(--fs-radius);
      background: light-dark(#fff, oklch(0.25 0.02 255));
    }
    & :where(small, input, select, textarea, .form-sync-error) {
      margin-block-start: 6px;
    }
    & :where([type='checkbox'], [type='radio']) {
      inline-size: 20px;
      min-block-size: 20px;
      margin: 0;
      vertical-align: middle;
    }
    & :where(label:has([type='checkbox'], [type='radio'])) {
      padding: 10px 0;
      padding-inline-start: 32px;
      font-weight: 400;
    }
    & :where(label > [type='checkbox'], label > [type='radio']) {
      float: inline-start;
      margin: 2px 0;
      margin-inline-start: -32px;
    }
    & :where([type='checkbox'] + label, [type='radio'] + label) {
      display: inline-block;
      padding: 10px 8px;
      font-weight: 400;
    }
    & :where([aria-invalid='true']:not([type='radio'])) {
      border-color: var(--fs-error);
      box-shadow: 0 0 0 1px var(--fs-error);
    }
    :where(&)[theme] :where(button:not([type='button'], [type='reset']), [type='submit']),
    &::part(retry) {
      min-block-size: 44px;
      padding: 9px 20px;
      border: 1px solid #0000;
      border-radius: var(--fs-radius);
      background: var(--fs-accent);
      color: oklch(from var(--fs-accent) clamp(0, (0.65 - l) * 999, 1) 0 0);
      font: inherit;
      font-weight: 600;
      cursor: pointer;
    }
    & :where(:focus-visible),
    &::part(retry):focus-visible {
      outline: 2px solid var(--fs-accent);
      outline-offset: 2px;
    }
    &::part(summary),
    &::part(failed),
    &::part(thanks) {
      margin-block: 24px;
      border: 1px solid;
      border-inline-start-width: 4px;
      border-radius: var(--fs-radius);
      padding: 16px 20px;
    }
    & :where(.form-sync-error),
    &::part(message),
    &::part(thanks) {
      display: flex;
      align-items: start;
    }
    & :where(.form-sync-error),
    &::part(summary),
    &::part(failed) {
      color: var(--fs-error);
    }
    &::part(message) {
      margin: 0 0 12px;
    }
    &::part(thanks) {
      color: var(--fs-accent);
    }
    & :where(.form-sync-error)::before,
    &::part(summary)::before,
    &::part(message)::before,
    &::part(thanks)::before {
      content: '!' / '';
      box-sizing: content-box;
      display: inline-block;
      flex: none;
      inline-size: 1.2em;
      margin-inline-end: 8px;
      border: 2px solid;
      border-radius: 50%;
      font-weight: 700;
      line-height: 1.2;
      text-align: center;
    }
    &::part(thanks)::before {
      content: '✓' / '';
    }
    & :where([hidden]) {
      display: none;
    }
  }
`

/**
 * Adds the theme to the document or shadow tree that contains the element, once per tree. Does nothing for an element that is
 * in neither, nor in a browser without constructable style sheets, which knows too little of the theme's CSS.
 */
export function adoptTheme(element: Element): void {
  const root = element.getRootNode() as Document
  const { adoptedStyleSheets: adopted } = root
  const { styleSheet } = sheet
  if (styleSheet && adopted && !adopted.includes(styleSheet)) root.adoptedStyleSheets = [...adopted, styleSheet]
}
