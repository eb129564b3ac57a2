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
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 16px 40px;
      padding-block: 20px 12px;
    }
    h1 {
      display: flex;
      align-items: center;
      gap: 8px;
      margin-inline-end: auto;
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
      flex: 0 1 640px;
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
    .hint {
      padding: 4px;
      color: var(--quiet);
      max-width: 44ch;
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
        grid-template-columns: minmax(0, 1fr) clamp(376px, 36vw, 600px);
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
    @media (max-width: 719px) {
      limits-bar {
        order: 1;
        flex: 1 0 100%;
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
    @media print {
      aside {
        position: static;
        max-height: none;
      }
    }
  `,
]
