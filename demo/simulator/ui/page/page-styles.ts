/** Defines the page's layout: header, sticky filter bar, people list and calls beside it. */
import { css } from 'lit'
import { markStyles } from '../line/marks.ts'
import { baseStyles } from './base-styles.ts'

export const pageStyles = [
  baseStyles,
  markStyles,
  css`
    :host {
      max-width: 1760px;
      margin-inline: auto;
      padding-inline: clamp(16px, 2.5vw, 40px);
    }
    header {
      display: grid;
      grid-template: 'title limits status' 'what what what' / auto minmax(0, 1fr) auto;
      align-items: center;
      gap: 12px 40px;
      padding-block: 20px 12px;
    }
    h1 {
      display: flex;
      align-items: center;
      gap: 8px;
      font-size: 20px;
      font-weight: 600;
      line-height: 28px;
      letter-spacing: -0.01em;
    }
    h1 line {
      stroke: var(--known);
      stroke-width: 3;
    }
    limits-bar {
      grid-area: limits;
      justify-self: end;
      width: min(100%, 720px);
    }
    connection-status {
      grid-area: status;
      justify-self: end;
    }
    .what {
      grid-area: what;
      font-size: 17px;
      line-height: 28px;
    }
    .what span {
      display: inline-block;
      margin-inline-end: 8px;
    }
    .what .glyph {
      vertical-align: -4px;
    }
    .what b {
      font-weight: 600;
    }
    .what .orange {
      color: var(--known-ink);
    }
    filter-bar {
      position: sticky;
      z-index: 3;
      top: 0;
      margin-inline: -16px;
      padding: 12px 16px;
      background: var(--page);
    }
    .columns {
      display: grid;
      gap: 24px;
      padding-bottom: 48px;
    }
    main {
      min-width: 0;
    }
    aside {
      display: flex;
      flex-direction: column;
      gap: 16px;
      min-width: 0;
    }
    .of-nobody {
      padding: 8px 16px;
      color: var(--quiet);
      font-size: 13px;
    }
    .no-match {
      padding: 32px 16px;
      color: var(--quiet);
    }
    .no-match button {
      margin-top: 8px;
      color: var(--accent);
      text-decoration: underline;
      text-underline-offset: 3px;
    }
    @media (min-width: 960px) {
      .columns {
        grid-template-columns: minmax(0, 1fr) clamp(360px, 32vw, 560px);
        gap: clamp(24px, 2.5vw, 40px);
        align-items: start;
      }
      aside {
        position: sticky;
        top: 56px;
        max-height: calc(100dvh - 72px);
        padding-bottom: 4px;
      }
    }
    @media (max-width: 959px) {
      header {
        grid-template: 'title status' 'what what' 'limits limits' / minmax(0, 1fr) auto;
      }
      limits-bar {
        justify-self: stretch;
        width: auto;
      }
    }
    @media (max-width: 959px) {
      aside {
        order: -1;
      }
      filter-bar {
        position: static;
      }
    }
    @media (max-width: 599px) {
      header {
        padding-bottom: 8px;
      }
      .what {
        font-size: 15px;
        line-height: 24px;
      }
      .columns {
        gap: 8px;
      }
    }
    @media print {
      aside {
        position: static;
        max-height: none;
      }
    }
  `,
]
