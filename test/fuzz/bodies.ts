/** Makes the bodies of malformed posts: form fields, multipart and JSON with hostile names, values and structure. Pure. */
import type { Chance } from '../chaos/chance.ts'

/** A body with the content type that fits it. */
export interface Body {
  type: string
  bytes: Buffer
}

const NAMES = [
  'Email',
  'Company',
  'Phone',
  'LastName',
  'Message',
  'Topics',
  'Size',
  'Ticked',
  'Count',
  '_id',
  '_visitor',
  '_page',
  '_referrer',
  '_query',
  '_next',
  '_consent',
  '_consent_source',
  '_consent_time',
  '_consent_detail',
  '_elapsed',
  '_charset_',
  '_ticket',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__[x]',
  'Email[]',
  'Email.x',
  '',
  ' ',
  '\0',
  'a\0b',
  '\u{FEFF}Email',
  'é'.repeat(40),
  'x'.repeat(5_000),
  '🙂',
  '"',
  "'",
  '<b>',
  '%',
  '&',
  '=',
  'Id',
  'leadPartition',
  'LeadSource',
  'IsUnsubscribed',
  'Lead_Score',
  'email',
  'EMAIL',
] as const

const VALUES = [
  '',
  ' ',
  '0',
  '-1',
  '1e400',
  'NaN',
  'true',
  'null',
  'undefined',
  '\0',
  'a\0b',
  '\r\nX-Injected: 1',
  '\uD800',
  '\uDC00x',
  '\u202Eabc',
  '<script>alert(1)</script>',
  ']]>',
  '<![CDATA[',
  '&xxe;',
  "' OR 1=1 --",
  '{{7*7}}',
  '${7*7}',
  '../../etc/passwd',
  'a@b.example',
  'A@B.example, c@d.example',
  '"x y"@b.example',
  'zoë@münchen.example',
  '[]',
  '{}',
  'x'.repeat(70_000),
  '界'.repeat(3_000),
  '-------',
  'https://evil.example/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321',
  'id:999-XYZ-999&token:_mch-evil.example-1-1',
  '=cmd|calc',
  '\u0085\u2028',
  '0193573a-1c00-7000-8000-0123456789ab',
] as const

/** Returns a valid lead in one of ten posts, so that Marketo has something to receive, and hostile pairs else. */
function pairs(chance: Chance): [string, string][] {
  const valid: [string, string][] = [
    ['Email', `v${chance.between(0, 999_999)}@fuzz.example`],
    ['LastName', 'Valid'],
  ]
  if (chance.happens(0.1)) return valid
  const own = chance.happens(0.3) ? valid : []
  const count = chance.happens(0.005) ? 1_000 : chance.between(0, 8)
  return [...own, ...Array.from({ length: count }, (): [string, string] => [chance.pick(NAMES), chance.pick(VALUES)])]
}

function urlEncoded(chance: Chance): Body {
  const text = pairs(chance)
    .map(([name, value]) => `${encode(name, chance)}=${encode(value, chance)}`)
    .join(chance.happens(0.05) ? ';' : '&')
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(text, 'latin1') }
}

/** Encodes in one of several ways, of which some are wrong. */
function encode(text: string, chance: Chance): string {
  const bytes = Buffer.from(text)
  if (chance.happens(0.1)) return bytes.toString('latin1')
  if (chance.happens(0.05)) return '%' + bytes.toString('hex').slice(0, 7)
  if (chance.happens(0.05)) return '%C0%AE%ED%A0%80%FF%'
  return bytes.toString('hex').replace(/../g, '%$&')
}

function multipart(chance: Chance): Body {
  const boundary = chance.pick(['b', '', '"', 'x'.repeat(300), '--', 'b\r\n', '----WebKitFormBoundaryAbC'])
  const parts = pairs(chance).map(([name, value]) => {
    const file = chance.happens(0.1) ? `; filename="${chance.pick(NAMES)}"` : ''
    const more = chance.happens(0.1) ? `\r\nContent-Type: ${chance.pick(TYPES)}` : ''
    const disposition = chance.happens(0.05) ? 'attachment' : 'form-data'
    return `--${boundary}\r\nContent-Disposition: ${disposition}; name="${name}"${file}${more}\r\n\r\n${value}\r\n`
  })
  const end = chance.happens(0.2) ? '' : `--${boundary}--\r\n`
  const type = chance.happens(0.1) ? 'multipart/form-data' : `multipart/form-data; boundary=${boundary}`
  return { type, bytes: Buffer.from(parts.join('') + end) }
}

function json(chance: Chance): Body {
  return { type: 'application/json', bytes: Buffer.from(jsonText(chance)) }
}

function jsonText(chance: Chance): string {
  const depth = chance.pick([1, 50, 5_000, 50_000])
  const fields = pairs(chance).map(([name, value]) => `${JSON.stringify(name)}:${jsonValue(value, chance)}`)
  const object = `{${fields.join(',')}}`
  return chance.pick([
    `{"fields":${object}}`,
    `{"fields":${object}}`,
    `{"fields":${object},"fields":[]}`,
    object,
    `{"email":"server@fuzz.example","attributes":${object}}`,
    `{"ids":${JSON.stringify(VALUES.slice(0, 5))},"reason":"x","dryRun":true,"set":${object}}`,
    `${'['.repeat(depth)}${']'.repeat(depth)}`,
    `${'{"fields":'.repeat(depth)}1${'}'.repeat(depth)}`,
    `{"fields":{"__proto__":{"Email":"a@b.example"},"constructor":{"prototype":{"x":1}}}}`,
    'null',
    '1',
    '"x"',
    '[]',
    '',
    '{',
    '\uFEFF{}',
    '{"fields":{"Email":"\\ud800"}}',
    '{"fields":{"Email":"a\\u0000@b.example"}}',
  ])
}

function jsonValue(value: string, chance: Chance): string {
  return chance.pick([
    JSON.stringify(value),
    JSON.stringify(value),
    '1e999',
    '9007199254740993',
    'true',
    'null',
    '[]',
    '{}',
    `[${JSON.stringify(value)},1]`,
  ])
}

function noise(chance: Chance): Body {
  const bytes = Buffer.from(Array.from({ length: chance.between(0, 300) }, () => chance.between(0, 255)))
  return { type: chance.pick(TYPES), bytes }
}

export const TYPES = [
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=windows-1252',
  'application/x-www-form-urlencoded; charset=utf-7',
  'application/x-www-form-urlencoded; charset=constructor',
  'application/json',
  'application/json; charset=utf-16',
  'multipart/form-data',
  'multipart/form-data; boundary=b',
  'text/plain',
  'text/xml',
  'constructor',
  '__proto__',
  'application/',
  '/',
  '',
  ';',
  'application/json;;;',
  'APPLICATION/JSON',
  'multipart/mixed; boundary=b',
  'x'.repeat(2_000),
] as const

/** Returns a body. Its type fits it, except sometimes. */
export function makeBody(chance: Chance): Body {
  const body = chance.pick([urlEncoded, urlEncoded, multipart, json, json, noise])(chance)
  return chance.happens(0.1) ? { ...body, type: chance.pick(TYPES) } : body
}
