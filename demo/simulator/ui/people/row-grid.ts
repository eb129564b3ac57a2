/** The columns of the list: a name, the line, and when they were last seen. Its head and its rows share them. */
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
