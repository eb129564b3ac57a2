/** A client of the WebDriver protocol (W3C, version 1), with the commands that the tests of browsers need. */

/** Key of the id of an element, and of a shadow root, in a reply: WebDriver, 11.1 and 11.2. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
const SHADOW_ROOT = 'shadow-6066-11e4-a52e-4f735466cecf'

interface Session {
  /** Version of the browser. */
  version: string
  open(url: string): Promise<void>
  run(expression: string): Promise<unknown>
  /** Returns the address of an element's commands. */
  find(selector: string): Promise<string>
  /** Does the same for an element in the open shadow tree of another one. */
  findInShadow(host: string, selector: string): Promise<string>
  type(element: string, text: string): Promise<void>
  press(element: string): Promise<void>
  end(): Promise<void>
}

/** Returns the value of a reply. @throws Error with the browser's message if the command failed */
async function command(method: string, url: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const { value } = (await response.json()) as { value: unknown }
  if (response.ok) return value
  const { error, message } = value as { error: string; message: string }
  throw new Error(`${error}: ${message}`)
}

/** @param server address of the driver */
export async function startSession(server: string, alwaysMatch: object): Promise<Session> {
  const { sessionId, capabilities } = (await command('POST', `${server}/session`, {
    capabilities: { alwaysMatch },
  })) as { sessionId: string; capabilities: { browserVersion: string } }
  const session = `${server}/session/${sessionId}`
  const find = async (root: string, selector: string): Promise<string> => {
    const found = await command('POST', `${root}/element`, { using: 'css selector', value: selector })
    return `${session}/element/${(found as Record<string, string>)[ELEMENT]!}`
  }
  return {
    version: capabilities.browserVersion,
    open: async (url) => void (await command('POST', `${session}/url`, { url })),
    async run(expression) {
      const script = `const done = arguments[0]; (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error) }))`
      const reply = await command('POST', `${session}/execute/async`, { script, args: [] })
      const { value, error } = reply as { value?: unknown; error?: string }
      if (error !== undefined) throw new Error(error)
      return value
    },
    find: (selector) => find(session, selector),
    async findInShadow(host, selector) {
      const root = (await command('GET', `${host}/shadow`)) as Record<string, string>
      return find(`${session}/shadow/${root[SHADOW_ROOT]!}`, selector)
    },
    type: async (element, text) => void (await command('POST', `${element}/value`, { text })),
    press: async (element) => void (await command('POST', `${element}/click`, {})),
    end: async () => void (await command('DELETE', session)),
  }
}
