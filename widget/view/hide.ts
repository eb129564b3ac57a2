/** Hides an element of the page, whatever style the page gives it; it changes nothing else. */

/** Hides the element. Returns what shows it again. */
export function hide({ style }: HTMLElement): () => void {
  const before = style.display
  style.display = 'none'
  return () => {
    style.display = before
  }
}
