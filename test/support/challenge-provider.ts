/**
 * A stand-in of the services that check challenges, on this machine. It is as strict as they are: one form-encoded POST with
 * `secret` and `response`, an answer counts once, and every failure has the codes of their documents.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { VERIFY_URLS, type Provider } from '../../relay/guards/challenge/providers.ts'

export const SECRETS = {
  turnstile: '0x4AAAAAAA-turnstile-secret',
  hcaptcha: 'ES_hcaptcha-secret',
  recaptcha: '6Lc-recaptcha-secret',
}

/** The code for an answer that was used before. */
const USED = {
  turnstile: 'timeout-or-duplicate',
  hcaptcha: 'already-seen-response',
  recaptcha: 'timeout-or-duplicate',
}

/** What a provider knows about an answer. `at` is ISO 8601. */
interface Answer {
  provider: Provider
  hostname: string
  at: string
  score?: number
}

export interface ChallengeProvider {
  /** Makes an answer as the provider's script does on a page. */
  solve(token: string, answer: Answer): void
  /** How it behaves: `down` ends the connection, a number is the status of a page in HTML. */
  mode: 'up' | 'down' | number
  /** The parameters of each call. */
  calls: Record<string, string>[]
  /** Calls this server for the address of a provider, and nothing else. */
  fetch: typeof fetch
  close(): Promise<void>
}

/** Starts the stand-in on a free port. */
export async function startChallengeProvider(): Promise<ChallengeProvider> {
  const answers = new Map<string, Answer & { isUsed: boolean }>()
  const server = createServer((request, response) => void reply(request, response))

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = new URLSearchParams(await text(request))
    provider.calls.push(Object.fromEntries(body))
    if (provider.mode === 'down') return void request.socket.destroy()
    if (provider.mode !== 'up') return void response.writeHead(provider.mode).end('<!doctype html><title>Sorry</title>')
    const send = (value: object) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const type = request.headers['content-type'] ?? ''
    if (request.method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded'))
      return send(refused('bad-request'))
    send(judge(request.url!.slice(1) as Provider, body))
  }

  function judge(provider: Provider, body: URLSearchParams): object {
    const [secret, token] = [body.get('secret'), body.get('response')]
    if (!secret) return refused('missing-input-secret')
    if (secret !== SECRETS[provider]) return refused('invalid-input-secret')
    if (!token) return refused('missing-input-response')
    const answer = answers.get(token)
    if (answer?.provider !== provider) return refused('invalid-input-response')
    if (answer.isUsed) return refused(USED[provider])
    answer.isUsed = true
    const { hostname, at, score } = answer
    return { success: true, hostname, challenge_ts: at, 'error-codes': [], ...(score !== undefined && { score }) }
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: ChallengeProvider = {
    solve: (token, answer) => void answers.set(token, { ...answer, isUsed: false }),
    mode: 'up',
    calls: [],
    fetch: (input, init) => {
      const name = Object.entries(VERIFY_URLS).find(([, known]) => known === input)?.[0]
      if (name === undefined) throw new Error('a call to another address')
      return fetch(`${url}/${name}`, init)
    },
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(() => closed()))),
  }
  return provider
}

function refused(code: string): object {
  return { success: false, 'error-codes': [code] }
}
