/** Makes the posts of a flood, as text of HTTP. Pure. */
import { ORIGIN } from './setting.ts'

/** What one process sends. */
export interface Order {
  port: number
  /** Number of the first source. */
  first: number
  /** Sources, which take turns. */
  sources: number
  /** The most posts a second. */
  perSecond: number
  seconds: number
}

/** Domain of the addresses that a flood has made up. */
const MADE_UP = 'flood.example'

/** Returns a function that makes the post with a number. Every second one has a made-up cookie, and none has a ticket. */
export function makePosts({ first, sources }: Pick<Order, 'first' | 'sources'>): (number: number) => string {
  return (number) => {
    const cookie = encodeURIComponent(`id:123-ABC-456&token:_mch-acme.example-${first}-${number}`)
    const own = Math.floor(number / sources) % 2 === 0 ? `&_visitor=${cookie}` : ''
    const body = `Email=f${first}-${number}%40${MADE_UP}&LastName=Robot${own}`
    return (
      'POST /f/contact HTTP/1.1\r\nHost: x\r\n' +
      `Origin: ${ORIGIN}\r\nAccept: application/json\r\nX-Forwarded-For: ${addressOf(first + (number % sources))}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    )
  }
}

/** Returns the address of a source, of a network for tests. */
function addressOf(source: number): string {
  return `10.${source >> 16}.${(source >> 8) & 255}.${source & 255}`
}
