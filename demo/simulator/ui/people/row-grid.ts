/** Defines the columns of the people list, shared by its head and its rows: name, line, time of the last activity. */
import { css } from 'lit'

export const rowGrid = css`
  .row {
    display: grid;
    grid-template-columns: 152px minmax(0, 1fr);
    column-gap: 16px;
    padding-inline: 16px;
  }
  .seen {
    display: none;
  }
  @container people (min-width: 680px) {
    .row {
      grid-template-columns: 192px minmax(0, 1fr) 72px;
      column-gap: 24px;
    }
    .seen {
      display: block;
    }
  }
  @container people (max-width: 479px) {
    .row {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`
