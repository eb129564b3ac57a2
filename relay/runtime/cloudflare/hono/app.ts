/**
 * Replaces `hono/tiny` in the Worker's bundle: Hono's own router and reading of paths, with the methods of an app and of a
 * context that the relay calls. Its handlers reply by themselves: none of them is a middleware.
 */
import { PatternRouter } from 'hono/router/pattern-router'
import { getPath, tryDecodeURIComponent } from 'hono/utils/url'

interface Context {
  env: unknown
  req: {
    raw: Request
    method: string
    param(name: string): string | undefined
    header(name: string): string | undefined
  }
}

type Handler = (context: Context) => Response | Promise<Response>
type Params = Record<string, string>

export class Hono {
  readonly #router = new PatternRouter<Handler>()
  #notFound: Handler = () => new Response(null, { status: 404 })
  #onError = (error: Error): Response => {
    throw error
  }

  get(path: string, handler: Handler): void {
    this.#router.add('GET', path, handler)
  }

  post(path: string, handler: Handler): void {
    this.#router.add('POST', path, handler)
  }

  options(path: string, handler: Handler): void {
    this.#router.add('OPTIONS', path, handler)
  }

  all(path: string, handler: Handler): void {
    this.#router.add('ALL', path, handler)
  }

  notFound(handler: Handler): void {
    this.#notFound = handler
  }

  onError(handler: (error: Error) => Response): void {
    this.#onError = handler
  }

  /** Replies with the first route that fits. A HEAD request has the reply to GET, without its body. */
  async fetch(request: Request, env?: unknown): Promise<Response> {
    return request.method === 'HEAD'
      ? new Response(null, await this.#reply(request, env, 'GET'))
      : this.#reply(request, env, request.method)
  }

  async #reply(request: Request, env: unknown, method: string): Promise<Response> {
    const [routes] = this.#router.match(method, getPath(request)) as [[Handler, Params][]]
    const [handler, params] = routes[0] ?? [this.#notFound, {}]
    try {
      return await handler({ env, req: requestOf(request, params) })
    } catch (error) {
      if (error instanceof Error) return this.#onError(error)
      throw error
    }
  }
}

function requestOf(raw: Request, params: Params): Context['req'] {
  return {
    raw,
    method: raw.method,
    param: (name) => params[name] && tryDecodeURIComponent(params[name]),
    header: (name) => raw.headers.get(name) ?? undefined,
  }
}
