/** The routes of operators and their tokens, as a module that the Worker loads when an operator asks. */
export { answerOperator } from '../../http/operator-routes.ts'
export { createOperatorKeys } from './operator-keys.ts'
