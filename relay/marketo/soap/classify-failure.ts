/**
 * Failed calls: what a failure means for its lead, and its reason in a sentence. For the relay's verdicts and for the
 * client's errors. Pure.
 */
import type { FailureClass } from '../failure-class.ts'
import { classifyHttpFailure, explainHttpFailure, nameOf, sentence } from '../http-failure.ts'
import type { Failure } from './call-result.ts'
import { ruleFor } from './fault-codes.ts'

/** Returns what a failure means for a lead that went alone. */
export function classifyFailure(failure: Failure): FailureClass {
  if (failure.kind === 'fault') return ruleFor(failure.fault.code).failureClass
  return failure.kind === 'unsigned' ? { kind: 'blocked' } : classifyHttpFailure(failure)
}

/**
 * Returns the reason of a failure, for a person. Of the reply it quotes nothing but `words`.
 *
 * @param host the host that was called
 * @param words of a fault's message, as far as the reader may see them
 */
export function explain(failure: Failure, host: string, words = ''): string {
  if (failure.kind === 'unsigned') {
    return `the request cannot be signed (${nameOf(failure.error)}): check the secret key`
  }
  if (failure.kind !== 'fault') return explainHttpFailure(failure, host, 'SOAP')
  const { code } = failure.fault
  const { name, advice = '' } = ruleFor(code)
  const news = words.toLowerCase() === name.toLowerCase() ? '' : words
  return sentence(code ? `${code} ${name}` : 'a fault without a code', news, advice)
}
