/** The tokens of operators in the Worker, and the count of wrong ones. It is loaded with the first request that has a token. */
import type { Config } from '../../config/config.ts'
import { operatorsOf } from '../../config/operators.ts'
import { createSourceCount, type SourceCount } from '../../guards/source-count.ts'
import { createOperatorTokens, MAX_WRONG_TOKENS, type OperatorTokens } from '../../http/operator-tokens.ts'
import { log } from './log.ts'

export interface OperatorKeys {
  tokens: OperatorTokens
  /** Each isolate counts by itself. */
  wrongTokens: SourceCount
}

/** Creates both. An entry that is wrong is logged, and its token is not valid. */
export function createOperatorKeys({
  consoleToken,
  ...config
}: Pick<Config, 'consoleToken' | 'operators'>): OperatorKeys {
  const operators = operatorsOf(config.operators, (place, problem) =>
    log({ event: 'error', where: 'configuration', reason: `${place}: ${problem}` }),
  )
  return {
    tokens: createOperatorTokens({ token: consoleToken, operators }),
    wrongTokens: createSourceCount(MAX_WRONG_TOKENS, Date.now),
  }
}
