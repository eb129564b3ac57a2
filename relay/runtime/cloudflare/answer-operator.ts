/** The routes of operators, as a module that the Worker loads when an operator asks. */
export { answerOperator } from '../../http/operator-routes.ts'
