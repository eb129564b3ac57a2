/** The parameters that calls share: what is required, what is a yes or no, what is a number. */
import { SoapFault } from './fault.ts'
import { textOf, type XmlElement } from './read-xml.ts'

/** Throws 20109 where there is none. */
export function requiredText(params: XmlElement, name: string): string {
  const text = textOf(params, name)?.trim()
  if (!text) throw missing(name)
  return text
}

/** Undefined where there is none; throws 20110 for what is no boolean. */
export function readBoolean(params: XmlElement, name: string): boolean | undefined {
  const text = textOf(params, name)?.trim()
  if (text === undefined) return undefined
  if (!['true', 'false', '1', '0'].includes(text)) throw new SoapFault('20110', `${name} is not a boolean`)
  return text === 'true' || text === '1'
}

/** Undefined where there is none; throws 20110 for what is no number. */
export function readNumber(params: XmlElement, name: string): number | undefined {
  const text = textOf(params, name)?.trim()
  if (text === undefined) return undefined
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new SoapFault('20110', `${name} is not a number`)
  return Number(text)
}

/** Throws 20110 where it is none of these. */
export function requiredChoice<Choice extends string>(
  params: XmlElement,
  name: string,
  choices: readonly Choice[],
): Choice {
  const text = requiredText(params, name)
  const choice = choices.find((choice) => choice === text)
  if (choice === undefined) throw new SoapFault('20110', `${name} is none of ${choices.join(', ')}`)
  return choice
}

export function missing(name: string): SoapFault {
  return new SoapFault('20109', `Parameter required: ${name}`)
}
