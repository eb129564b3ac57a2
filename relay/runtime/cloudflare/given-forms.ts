/** Holds the forms that a Worker of your own passes to `createWorker`. The package has this module in place of `forms.json`. */

let forms: object = { forms: {} }

/** Sets the forms, as the forms file has them. Call it before the first request. */
export function setForms(given: object): void {
  forms = given
}

export { forms as default }
