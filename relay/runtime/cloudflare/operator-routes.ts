/**
 * Replaces `relay/http/operator-routes.ts` in the Worker's bundle: the routes of operators are loaded with their first
 * request, so that no start waits for their code.
 */
import type { OperatorRoutes } from '../../http/operator-routes.ts'

/** Answers a request of an operator; resolves with undefined if there is no such route. */
export async function answerOperator(request: Request, operator: OperatorRoutes): Promise<Response | undefined> {
  const routes = await import('./answer-operator.ts')
  return routes.answerOperator(request, operator)
}
