/** Reads a form's entries as a plain object, and writes such an object into its controls; it sends nothing. */

/** Values by the names of fields. A list has those of several controls, ticked boxes or chosen options. */
export type Values = Record<string, string | string[]>

/** Returns the entries by name. Files are left out. */
export function readValues(data: FormData): Values {
  const names = [...new Set(data.keys())]
  return Object.fromEntries(
    names.map((name) => {
      const values = data.getAll(name).filter((value) => typeof value === 'string')
      return [name, values[1] === undefined ? (values[0] ?? '') : values]
    }),
  )
}

/**
 * Writes the values as a visitor would enter them, with the events that frameworks listen to. A box or an option is chosen if
 * its value is among those of its name. Names without a control have no effect.
 */
export function writeValues(controls: HTMLInputElement[], values: Values): void {
  for (const [name, given] of Object.entries(values)) {
    const wanted = [given].flat()
    const named = controls.filter((control) => control.name === name && control.type !== 'file')
    for (const [at, control] of named.entries()) {
      if (/^(checkbox|radio)$/.test(control.type)) {
        // A radio button that is not wanted loses its dot to the one that is.
        const isWanted = wanted.includes(control.value)
        if (control.checked !== isWanted && (isWanted || control.type === 'checkbox')) control.click()
      } else writeText(control, named[1] ? (wanted[at] ?? '') : wanted)
    }
  }
}

function writeText(control: HTMLInputElement, wanted: string | string[]): void {
  const { options, multiple } = control as unknown as HTMLSelectElement
  if (options && multiple) for (const option of options) option.selected = wanted.includes(option.value)
  // React has a property of its own on each input and ignores what is written there.
  else Reflect.set(Object.getPrototypeOf(control) as object, 'value', [wanted].flat().join(','), control)
  for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }))
}
