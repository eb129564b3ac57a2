/** Writes the first files of a project that runs a relay: forms, variables, a page; for Cloudflare a Worker too. Pure. */
import { escapeHtml } from '../escape-html.ts'

/** Answers to the questions of `form-sync init`. */
export interface Starter {
  /** Origin of the site whose pages post the form. */
  origin: string
  /** URL of the relay, without a slash at its end. */
  relay: string
  /** REST endpoint of Marketo. */
  endpoint: string
  clientId: string
  /** Empty where the user adds it later. */
  clientSecret: string
  munchkinId: string
  cloudflare: boolean
}

/** Returns the content of each file by its name. */
export function starterFiles(starter: Starter): Record<string, string> {
  const common = { 'forms.json': formsFile(starter), 'contact.html': page(starter) }
  if (!starter.cloudflare) return { ...common, '.env': variables(starter) }
  return {
    ...common,
    'worker.js': WORKER,
    'wrangler.jsonc': wranglerFile(starter),
    '.dev.vars': `MARKETO_CLIENT_SECRET=${quoted(starter.clientSecret)}\n`,
  }
}

function formsFile({ origin }: Starter): string {
  const forms = {
    contact: {
      origins: [origin],
      fields: {
        Email: { type: 'email', label: 'E-mail', required: true },
        FirstName: { label: 'First name' },
        LastName: { label: 'Last name', required: true },
      },
      constants: { LeadSource: 'Web' },
    },
  }
  return `${JSON.stringify({ $schema: './node_modules/form-sync/relay/config/forms.schema.json', forms }, null, 2)}\n`
}

function variables({ endpoint, clientId, clientSecret, munchkinId }: Starter): string {
  return `# Variables of form-sync. Those of the environment have precedence. This file has secrets: keep it out of git.
MARKETO_REST_ENDPOINT=${quoted(endpoint)}
MARKETO_CLIENT_ID=${quoted(clientId)}
MARKETO_CLIENT_SECRET=${quoted(clientSecret)}
MUNCHKIN_ID=${quoted(munchkinId)}
`
}

function page({ relay }: Starter): string {
  const base = escapeHtml(relay)
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Contact</title>
    <script type="module" src="${base}/form-sync.js"></script>
  </head>
  <body>
    <form-sync theme="plain">
      <form method="post" action="${base}/f/contact">
        <label>E-mail <input name="Email" type="email" autocomplete="email" required /></label>
        <label>First name <input name="FirstName" autocomplete="given-name" /></label>
        <label>Last name <input name="LastName" autocomplete="family-name" required /></label>
        <button>Send request</button>
      </form>
    </form-sync>
  </body>
</html>
`
}

/** Returns a value as a file of variables has it. It has no quotes and no line ends: `form-sync init` refuses them. */
function quoted(value: string): string {
  return /^[\w:/.-]*$/.test(value) ? value : `'${value}'`
}

const WORKER = `import { createWorker } from 'form-sync/relay/cloudflare'
import forms from './forms.json'

export { LeadOutbox } from 'form-sync/relay/cloudflare'
export default createWorker(forms)
`

function wranglerFile({ endpoint, clientId, munchkinId }: Starter): string {
  return `{
  "$schema": "node_modules/wrangler/config-schema.json",
  "name": "form-sync",
  "main": "worker.js",
  "compatibility_date": "2026-11-01",
  "compatibility_flags": ["nodejs_compat"],
  "minify": true,
  // The widget, which Cloudflare serves itself.
  "assets": { "directory": "node_modules/form-sync/dist/widget" },
  "durable_objects": { "bindings": [{ "name": "OUTBOX", "class_name": "LeadOutbox" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["LeadOutbox"] }],
  // Looks after the objects every five minutes, in case one of them has lost its alarm.
  "triggers": { "crons": ["*/5 * * * *"] },
  "observability": { "enabled": true },
  // The secret is one: npx wrangler secret put MARKETO_CLIENT_SECRET
  "vars": {
    "MARKETO_REST_ENDPOINT": ${JSON.stringify(endpoint)},
    "MARKETO_CLIENT_ID": ${JSON.stringify(clientId)},
    "MUNCHKIN_ID": ${JSON.stringify(munchkinId)},
  },
}
`
}
