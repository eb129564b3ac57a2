/**
 * Text as PostgreSQL can hold it. It takes neither NUL nor half of a surrogate pair, and either may come in a form.
 *
 * What comes from outside is kept as it would stand in JSON, without the quotes: most text is the same there. What is
 * JSON anyway needs none of this.
 */

export function storable(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

export function restored(kept: string): string {
  return JSON.parse(`"${kept}"`) as string
}
