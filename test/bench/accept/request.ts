/**
 * Requests of the bench, as the widget sends them for the form, each with a new person and a new id.
 *
 * All have the same length, so that only a few characters of a prepared text change.
 */
import { PATH } from './form.ts'

/** Format of the body: `form` as the widget sends it, `json` as a program sends it. */
export type Shape = 'form' | 'json'

const FIELDS = {
  FirstName: 'Ana',
  LastName: "O'Neil & Sons",
  Phone: '+49 30 5550100',
  Company: 'Acme Harbours GmbH',
  Size: '4-10',
  Topics: 'tides',
  Message: 'Please call me in the afternoon. I would like to hear of <prices> and of "dates" for Köln.',
}

const EXTRAS = {
  _visitor: 'id:123-ABC-456&token:_mch-acme.example-1764000000000-54321',
  _page: 'https://www.acme.example/pilot',
  _referrer: 'https://www.search.example/',
  _query: 'utm_source=newsletter&utm_medium=mail',
  _elapsed: '48213',
}

/** Headers that a browser sends with a cross-origin `fetch`, beside the type and the length. */
const HEADERS = [
  'Host: relay.acme.example',
  'Connection: keep-alive',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36',
  'Accept: application/json',
  'Origin: https://www.acme.example',
  'Sec-Fetch-Site: same-site',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: empty',
  'Referer: https://www.acme.example/',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
]

/** Number of networks that the visitors come from, and the addresses of one of them: all have the same length. */
const NETWORKS = 2_500
const addressOf = (n: number) => `203.0.${100 + (n % 50)}.${100 + (Math.floor(n / 50) % 50)}`

/**
 * Returns a function that writes a request in Latin-1, as a proxy passes it on. An id has 36 characters, a person's name
 * twelve. The visitors' networks take turns.
 */
export function createRequests(shape: Shape): (id: string, person: string) => string {
  const id = 'ID'.padEnd(36, '.')
  const person = 'PERSON'.padEnd(12, '.')
  // Each visitor writes another message: a rule counts leads with one text.
  const fields = { ...FIELDS, Message: `${FIELDS.Message} ${person}`, Email: `${person}@acme.example` }
  const extras = { _id: id, ...EXTRAS }
  const body =
    shape === 'form' ? new URLSearchParams({ ...fields, ...extras }).toString() : JSON.stringify({ fields, ...extras })
  const type = shape === 'form' ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'application/json'
  const address = 'ADDRESS'.padEnd(addressOf(0).length, '.')
  const head = [
    `POST ${PATH} HTTP/1.1`,
    `X-Forwarded-For: ${address}`,
    ...HEADERS,
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const text = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`).toString('latin1')
  const [beforeAddress = '', afterAddress = ''] = text.split(address)
  const [beforeMessage = '', beforePerson = '', rest = ''] = afterAddress.split(person)
  const [beforeId = '', end = ''] = rest.split(id)
  let count = 0
  return (newId, newPerson) => {
    count = (count + 1) % NETWORKS
    const body = beforeMessage + newPerson + beforePerson + newPerson + beforeId + newId + end
    return beforeAddress + addressOf(count) + body
  }
}
