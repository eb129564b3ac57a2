/**
 * The sets of globals that the boundary table allows. An entry is a name (`URL`: any use of it) or one use of a name
 * (`Date.parse`: no other use of `Date`); `globals.ts` says how uses are written.
 */

/** Splits a list at its white space. */
const list = (names: string) => names.trim().split(/\s+/)

/** Names of the language that read neither clock nor randomness. `eval` and `Function` are left out on purpose. */
const LANGUAGE = list(`
  undefined NaN Infinity
  Array ArrayBuffer BigInt Boolean DataView Intl Iterator JSON Map Number Object
  Promise Proxy Reflect RegExp Set String Symbol WeakMap WeakRef WeakSet
  Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array
  Float32Array Float64Array BigInt64Array BigUint64Array
  Error AggregateError RangeError SyntaxError TypeError
  decodeURIComponent encodeURIComponent decodeURI encodeURI
`)

/** `Date` without the clock. */
const DATES = ['new Date(…)', 'instanceof Date', 'Date.UTC', 'Date.parse']

/** `Math` without randomness. */
const MATHS = Object.getOwnPropertyNames(Math)
  .filter((member) => member !== 'random')
  .map((member) => `Math.${member}`)

const WEB = list(
  'Request Response Headers URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal atob btoa',
)

/** Globals of the relay's core: no clock, no randomness, no network, no runtime. */
export const CORE_GLOBALS = [...LANGUAGE, ...DATES, ...MATHS, ...WEB, 'crypto.subtle']

export const TIMEOUTS = ['setTimeout', 'clearTimeout']

const SERVER = [
  ...LANGUAGE,
  ...WEB,
  ...TIMEOUTS,
  ...list(`
    Date Math crypto performance console fetch setInterval clearInterval queueMicrotask structuredClone
    atob btoa Blob File FormData ReadableStream WritableStream TransformStream CompressionStream DecompressionStream
  `),
]

export const NODE_GLOBALS = [...SERVER, ...list('process Buffer setImmediate clearImmediate import.meta')]

export const WORKERD_GLOBALS = SERVER

/** Names of Node that no browser has. A browser has about a thousand names, and all but these may be used there. */
export const NODE_ONLY = list(`
  process Buffer global setImmediate clearImmediate require module exports __dirname __filename
`)
