/** Defines the styles of a line and the animation that recolours it. */
import { css } from 'lit'

export const LINE_HEIGHT_PX = 60
/** Vertical position of the line. Names of pages and reasons of faults are above it, durations below. */
export const LINE_Y_PX = 30

export const lineStyles = css`
  :host {
    position: relative;
    height: ${LINE_HEIGHT_PX}px;
  }
  svg {
    display: block;
    overflow: visible;
  }
  .gap {
    stroke: var(--anonymous);
    stroke-width: 1.25;
  }
  .gap.joined {
    stroke: var(--known);
    stroke-width: 3;
  }
  .gap.known {
    stroke: var(--accent);
    stroke-width: 2;
  }
  .gap.away {
    stroke-dasharray: 2 5;
    stroke-linecap: round;
  }
  .gap.folded {
    stroke-dasharray: 0.1 6;
    stroke-linecap: round;
    stroke-width: 3;
  }
  .tail {
    stroke: var(--anonymous);
    stroke-width: 1.25;
    stroke-dasharray: 0.1 5;
    stroke-linecap: round;
  }
  text {
    font-size: 12px;
    text-anchor: middle;
    fill: var(--quiet);
  }
  text.mark-name {
    fill: var(--ink);
  }
  text.mark-name.anonymous {
    fill: var(--quiet);
  }
  text.mark-name.start {
    text-anchor: start;
  }
  text.mark-name.end {
    text-anchor: end;
  }
  text.mark-name.known:not(.visit) {
    fill: var(--known-ink);
    font-weight: 600;
  }
  text.mark-name.fault {
    fill: var(--act);
    font-weight: 600;
  }
  .mark {
    outline: none;
  }
  .mark[role='button'] {
    cursor: pointer;
  }
  .reach {
    fill: transparent;
  }
  .mark:focus-visible .reach {
    stroke: var(--accent);
    stroke-width: 2;
  }
  .shape {
    transition: scale var(--motion);
  }
  .mark.active .shape {
    scale: 1.2;
  }
  .tip {
    position: absolute;
    z-index: 2;
    top: ${LINE_Y_PX + 16}px;
    left: clamp(var(--half), var(--x), 100% - var(--half));
    --half: min(128px, 50%);
    width: max-content;
    max-width: min(256px, 100%);
    translate: -50%;
    padding: 8px 12px;
    border: 1px solid var(--hairline);
    border-radius: var(--radius-control);
    background: var(--panel);
    box-shadow: var(--shadow);
    font-size: 13px;
    line-height: 20px;
    pointer-events: none;
  }
  .tip strong {
    display: block;
    font-weight: 600;
  }
  .tip span {
    display: block;
    color: var(--quiet);
    overflow-wrap: anywhere;
  }

  @media (prefers-reduced-motion: no-preference) {
    .fresh .shape {
      animation: arrive var(--motion) ease-out;
    }
    .gap.turning {
      transform-box: fill-box;
      transform-origin: right;
      animation: run-back var(--step) linear calc(var(--nth) * var(--step)) backwards;
    }
    .mark.turning .ring {
      animation: take-colour var(--step) ease-out calc((var(--nth) + 0.6) * var(--step)) backwards;
    }
  }
  @keyframes arrive {
    from {
      scale: 0;
    }
  }
  @keyframes run-back {
    from {
      transform: scaleX(0);
    }
  }
  @keyframes take-colour {
    from {
      fill: var(--ground, var(--page));
      stroke: var(--anonymous);
    }
  }
`
