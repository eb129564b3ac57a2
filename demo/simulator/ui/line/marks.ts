/**
 * Draws the marks of lines, lists and legend, centred at 0,0. The shapes differ, so that no meaning depends on colour: a
 * hollow ring, a disc, a disc with a centre, a diamond and a cross.
 */
import { css, svg, type TemplateResult } from 'lit'
import type { Mark } from './layout.ts'

export function markShape(kind: Mark['kind']): TemplateResult {
  switch (kind) {
    case 'visit':
      return svg`<circle class="ring" r="5.25"></circle>`
    case 'known':
      return svg`<circle class="halo" r="12"></circle><circle class="moment" r="9"></circle><circle class="heart" r="3"></circle>`
    case 'sync':
    case 'associated':
    case 'form':
    case 'custom':
      return svg`<rect class="write" x="-4.5" y="-4.5" width="9" height="9" rx="1" transform="rotate(45)"></rect>`
    case 'fault':
      return svg`<circle class="ground" r="8"></circle><path class="cross" d="M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5"></path>`
    default:
      return kind satisfies never
  }
}

/** Draws a mark on its own, for use in text. */
export function markGlyph(kind: Mark['kind'], tone: Mark['tone']): TemplateResult {
  return svg`<svg class="glyph ${tone}" viewBox="-13 -13 26 26" width="20" height="20" aria-hidden="true">
    ${markShape(kind)}
  </svg>`
}

export const markStyles = css`
  .ring {
    fill: var(--ground, var(--page));
    stroke: var(--anonymous);
    stroke-width: 1.5;
  }
  .joined .ring {
    fill: var(--known);
    stroke: var(--known);
  }
  .known .ring {
    fill: var(--accent);
    stroke: var(--accent);
  }
  .halo {
    fill: var(--known-soft);
    stroke: none;
  }
  .moment {
    fill: var(--known);
  }
  .heart {
    fill: var(--ground, var(--page));
  }
  .write {
    fill: var(--ground, var(--page));
    stroke: var(--accent);
    stroke-width: 2;
  }
  .ground {
    fill: var(--ground, var(--page));
  }
  .cross {
    fill: none;
    stroke: var(--act);
    stroke-width: 2.5;
    stroke-linecap: round;
  }
  .glyph {
    flex: none;
    overflow: visible;
  }
  @media print {
    :host {
      print-color-adjust: exact;
    }
  }
`
