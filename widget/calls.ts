/**
 * Runs the calls that the page has queued before the widget was loaded: `(window.formSync ||= []).push(() => …)`. It knows
 * nothing of what they do.
 */

type Call = () => void

/** Runs each call by itself, so that the error of one, which the browser reports, does not keep back the others. */
export function runCalls(): void {
  const run = (call: Call): void => {
    // A script that is no module may run before the page has its form.
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => call())
    else queueMicrotask(() => call())
  }
  const push = (...calls: Call[]): void => calls.forEach(run)
  // The page may have an element with this id, which browsers make a property of the window.
  if (Array.isArray(window.formSync)) push(...window.formSync)
  window.formSync = { push }
}
