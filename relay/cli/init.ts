/** Runs `form-sync init`: writes the first files of a project, and overwrites none. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, readConfig } from '../config/config.ts'
import { munchkinIdOf } from '../marketo/endpoint.ts'
import { withQuestions, type Ask } from './ask.ts'
import { configurationError } from './configuration.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { SIMULATOR } from './simulator-account.ts'
import { starterFiles, type Starter } from './starter-files.ts'

const HELP = `Usage: form-sync init [options]

Writes a forms file (forms.json), variables (.env) and a page (contact.html),
and overwrites no file. Asks for what no option gives, on a terminal; elsewhere
it takes the defaults, which are for "form-sync simulator" on this machine.

Options:
  --origin <origin>     Origin of the site whose pages post the form. Default:
                        http://localhost:8080
  --relay <url>         Address of the relay, for the page. Default:
                        http://localhost:8787
  --endpoint <url>      REST endpoint of Marketo, such as
                        https://123-ABC-456.mktorest.com/rest. Default: that of
                        the simulator, http://localhost:8090/rest
  --client-id <id>      Client id of the custom service in Marketo. The secret
                        is MARKETO_CLIENT_SECRET, or you add it to the file
  --cloudflare          Write a Worker (worker.js, wrangler.jsonc, .dev.vars)
                        in place of .env
  --folder <folder>     Folder to write to. Default: the working folder
  -h, --help            Show this help

Examples:
  form-sync init
  form-sync init --origin https://www.acme.example --cloudflare

Exit codes:
  0  The files were written
  1  A file is there already, or cannot be written
  2  The options are wrong`

/** Stands for the secret that the user adds later, while the other settings are checked. */
const NO_SECRET_YET = 'a-secret-that-is-added-later'

/** Runs the command and resolves with its exit code. */
export async function initCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let options: Options
  try {
    options = parse(words)
  } catch (error) {
    return usageError('init', (error as Error).message)
  }
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const starter = await withQuestions((ask) => completeStarter(options, env, ask))
  const files = starterFiles(starter)
  const problems = problemsOf(starter, files['forms.json']!)
  return problems.length > 0 ? configurationError('init', problems) : write(options.folder, files, starter)
}

/** Asks for what the options do not give. */
export async function completeStarter(options: Options, env: NodeJS.ProcessEnv, ask: Ask): Promise<Starter> {
  const { cloudflare } = options
  const origin = options.origin ?? (await ask('Origin of your site', 'http://localhost:8080'))
  const relay = options.relay ?? (await ask('Address of the relay', 'http://localhost:8787'))
  const endpoint = options.endpoint ?? (await ask('REST endpoint of Marketo', SIMULATOR.endpoint))
  const common = { origin, relay: relay.replace(/\/+$/, ''), cloudflare }
  if (endpoint === SIMULATOR.endpoint) return { ...common, ...SIMULATOR }
  const clientId = options['client-id'] ?? (await ask('Client id of the custom service in Marketo', ''))
  const clientSecret = env.MARKETO_CLIENT_SECRET ?? ''
  return { ...common, endpoint, clientId, clientSecret, munchkinId: munchkinIdOf(endpoint) ?? '' }
}

/** Returns what the relay would report about the files, and what they cannot have. */
function problemsOf(starter: Starter, forms: string): string[] {
  const { endpoint, clientId, clientSecret, munchkinId, relay } = starter
  const problems = Object.entries(starter)
    .filter(([, value]) => typeof value === 'string' && /['"\\\p{Cc}]/u.test(value))
    .map(([name]) => `${name}: must not have quotes, backslashes or control characters`)
  if (!/^https?:\/\//.test(relay) || !URL.canParse(relay)) {
    problems.push(`relay: "${relay}" is not a URL such as https://forms.acme.example`)
  }
  try {
    readConfig(
      {
        MARKETO_REST_ENDPOINT: endpoint,
        MARKETO_CLIENT_ID: clientId,
        MARKETO_CLIENT_SECRET: clientSecret || NO_SECRET_YET,
        MUNCHKIN_ID: munchkinId,
      },
      forms,
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
  }
  return problems
}

function write(folder: string, files: Record<string, string>, { cloudflare, clientSecret }: Starter): number {
  const present = Object.keys(files).filter((name) => existsSync(join(folder, name)))
  if (present.length > 0) {
    console.error(`form-sync init: ${present.join(', ')} would be overwritten; nothing was written`)
    return 1
  }
  try {
    mkdirSync(folder, { recursive: true })
    // The variables have secrets: no other user of the machine may read them.
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), content, { flag: 'wx', mode: name.startsWith('.') ? 0o600 : 0o644 })
    }
  } catch (error) {
    console.error(`form-sync init: ${(error as Error).message}`)
    return 1
  }
  console.log(`Wrote ${Object.keys(files).join(', ')}.`)
  if (clientSecret === '') console.log(`Add MARKETO_CLIENT_SECRET to ${cloudflare ? '.dev.vars' : '.env'}.`)
  console.log(cloudflare ? 'Next: npx wrangler dev' : 'Next: npx form-sync serve')
  return 0
}

type Options = ReturnType<typeof parse>

function parse(words: string[]) {
  return parseOptions({
    args: words,
    options: {
      origin: { type: 'string' },
      relay: { type: 'string' },
      endpoint: { type: 'string' },
      'client-id': { type: 'string' },
      cloudflare: { type: 'boolean', default: false },
      folder: { type: 'string', default: '.' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}
