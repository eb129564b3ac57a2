/**
 * The names of the web platform that the relay's core uses, declared for `tsconfig.core.json` alone.
 *
 * Each of them exists in Node, in workerd and in browsers. Add a name here when the core begins to use it and that holds.
 * The other projects check the same files against the full types of their runtimes.
 */

declare class Headers {
  constructor(init?: HeadersInit)
  get(name: string): string | null
  has(name: string): boolean
  set(name: string, value: string): void
  append(name: string, value: string): void
  delete(name: string): void
  entries(): IterableIterator<[string, string]>
  [Symbol.iterator](): IterableIterator<[string, string]>
}

type HeadersInit = Headers | Record<string, string> | [string, string][]

interface ReadableStreamDefaultReader {
  read(): Promise<{ done: false; value: Uint8Array<ArrayBuffer> } | { done: true; value?: undefined }>
  cancel(reason?: unknown): Promise<void>
}

interface ReadableStream extends AsyncIterable<Uint8Array<ArrayBuffer>> {
  getReader(): ReadableStreamDefaultReader
  cancel(reason?: unknown): Promise<void>
}

type BodyInit = string | Uint8Array<ArrayBuffer> | ArrayBuffer | URLSearchParams | ReadableStream

interface Body {
  readonly headers: Headers
  readonly body: ReadableStream | null
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  json(): Promise<unknown>
  text(): Promise<string>
}

interface RequestInit {
  method?: string
  headers?: HeadersInit
  body?: BodyInit | null
  redirect?: 'follow' | 'error' | 'manual'
  signal?: AbortSignal | null
}

interface Request extends Body {
  readonly method: string
  readonly url: string
  readonly signal: AbortSignal
}

declare const Request: new (input: string | URL | Request, init?: RequestInit) => Request

interface ResponseInit {
  status?: number
  statusText?: string
  headers?: HeadersInit
}

interface Response extends Body {
  readonly ok: boolean
  readonly status: number
}

declare const Response: {
  new (body?: BodyInit | null, init?: ResponseInit): Response
  json(value: unknown, init?: ResponseInit): Response
}

declare class URLSearchParams {
  constructor(init?: string | Record<string, string> | [string, string][])
  append(name: string, value: string): void
  get(name: string): string | null
  [Symbol.iterator](): IterableIterator<[string, string]>
}

declare class URL {
  static canParse(url: string, base?: string | URL): boolean
  constructor(url: string, base?: string | URL)
  readonly href: string
  readonly origin: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly searchParams: URLSearchParams
  readonly hash: string
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: Uint8Array | ArrayBuffer, options?: { stream?: boolean }): string
}

declare class AbortSignal {
  /** @param milliseconds time after which the signal is aborted with a `TimeoutError` */
  static timeout(milliseconds: number): AbortSignal
  private constructor()
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/** Decodes base64 to a text whose characters are bytes. */
declare function atob(data: string): string

/** Encodes a text whose characters are bytes as base64. */
declare function btoa(data: string): string

interface CryptoKey {
  readonly type: string
}

/** Digests and signatures of Web Crypto. Randomness is a parameter. */
declare const crypto: {
  readonly subtle: {
    digest(algorithm: string, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    importKey(
      format: 'raw',
      key: Uint8Array<ArrayBuffer>,
      algorithm: { name: 'HMAC'; hash: string },
      extractable: boolean,
      usages: ('sign' | 'verify')[],
    ): Promise<CryptoKey>
    sign(algorithm: string, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    verify(
      algorithm: string,
      key: CryptoKey,
      signature: Uint8Array<ArrayBuffer>,
      data: Uint8Array<ArrayBuffer>,
    ): Promise<boolean>
  }
}

/** Default of the client for programs. Only `relay/marketo/index.ts` may read it. */
declare function fetch(url: string, init?: RequestInit): Promise<Response>

declare function setTimeout<A extends unknown[]>(call: (...args: A) => void, ms: number, ...args: A): unknown
declare function clearTimeout(timer: unknown): void
