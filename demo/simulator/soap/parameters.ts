/** Reads simple parameters of a call: text, boolean, number, choice. Knows no operation. */
import { SoapFault } from './fault.ts'
import { textOf, type XmlElement } from './read-xml.ts'

/** @throws fault 20109 if the parameter is missing or blank */
export function requiredText(params: XmlElement, name: string): string {
  const text = textOf(params, name)?.trim()
  if (!text) throw missingParameter(name)
  return text
}

/**
 * Returns undefined if the parameter is missing.
 *
 * @throws fault 20110 if it is not a boolean
 */
export function readBoolean(params: XmlElement, name: string): boolean | undefined {
  const text = textOf(params, name)?.trim()
  if (text === undefined) return undefined
  if (!['true', 'false', '1', '0'].includes(text)) throw new SoapFault('20110', `${name} is not a boolean`)
  return text === 'true' || text === '1'
}

/**
 * Returns undefined if the parameter is missing.
 *
 * @throws fault 20110 if it is not a whole number
 */
export function readNumber(params: XmlElement, name: string): number | undefined {
  const text = textOf(params, name)?.trim()
  if (text === undefined) return undefined
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new SoapFault('20110', `${name} is not a number`)
  return Number(text)
}

/** @throws fault 20109 if the parameter is missing, 20110 if it is not one of the choices */
export function requiredChoice<Choice extends string>(
  params: XmlElement,
  name: string,
  choices: readonly Choice[],
): Choice {
  const text = requiredText(params, name)
  const choice = choices.find((choice) => choice === text)
  if (choice === undefined) throw new SoapFault('20110', `${name} must be one of ${choices.join(', ')}`)
  return choice
}

export function missingParameter(name: string): SoapFault {
  return new SoapFault('20109', `Parameter required: ${name}`)
}
