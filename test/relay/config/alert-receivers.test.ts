import { expect, it } from 'vitest'
import { readAlertReceivers } from '../../../relay/config/alert-receivers.ts'

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

function read(variables: Record<string, string>) {
  const problems: string[] = []
  const receivers = readAlertReceivers(variables, (place, problem) => problems.push(`${place}: ${problem}`))
  return { ...receivers, problems }
}

it('has no receiver by default', () => {
  expect(read({})).toEqual({ urls: [], secrets: [], problems: [] })
})

it('reads several addresses and two secrets, of which one is new', () => {
  const other = `whsec_${Buffer.alloc(64, 8).toString('base64')}`
  const found = read({
    FORM_SYNC_ALERT_URL: 'https://hooks.chat.example/a  http://127.0.0.1:9000/b',
    FORM_SYNC_ALERT_SECRET: `${SECRET} ${other}`,
  })

  expect(found).toEqual({
    urls: ['https://hooks.chat.example/a', 'http://127.0.0.1:9000/b'],
    secrets: [new Uint8Array(24).fill(7), new Uint8Array(64).fill(8)],
    problems: [],
  })
})

it.each([
  ['ftp://chat.example', 'must be a web address'],
  ['chat.example/hook', 'must be a web address'],
  ['https://user:secret@chat.example/', 'must be a web address'],
  [Array(6).fill('https://chat.example/').join(' '), 'has 6 addresses; at most 5 are allowed'],
])('refuses the address %s', (url, problem) => {
  const { problems } = read({ FORM_SYNC_ALERT_URL: url })

  expect(problems).toEqual([expect.stringContaining(`FORM_SYNC_ALERT_URL: ${problem}`)])
  expect(problems.join()).not.toContain('secret')
})

it.each([
  'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'whsec_c2hvcnQ=',
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  'whsec_not-base64-not-base64-not-base64',
])('refuses the secret %s without repeating it', (secret) => {
  const { problems } = read({ FORM_SYNC_ALERT_URL: 'https://chat.example/', FORM_SYNC_ALERT_SECRET: secret })

  expect(problems).toEqual([expect.stringContaining('FORM_SYNC_ALERT_SECRET: must be whsec_ with 24 to 64 bytes')])
  expect(problems.join()).not.toContain(secret)
})

it('refuses a secret without a receiver', () => {
  expect(read({ FORM_SYNC_ALERT_SECRET: SECRET }).problems).toEqual([
    'FORM_SYNC_ALERT_SECRET: signs alerts, but FORM_SYNC_ALERT_URL is not set; set both, or neither',
  ])
})

it('reads the address of the heartbeat, and refuses one that is none', () => {
  expect(read({ FORM_SYNC_HEARTBEAT_URL: 'https://monitor.example/a' }).heartbeat).toBe('https://monitor.example/a')
  expect(read({ FORM_SYNC_HEARTBEAT_URL: 'monitor' }).problems).toEqual([
    'FORM_SYNC_HEARTBEAT_URL: must be a web address that begins with https:// or http://',
  ])
})
