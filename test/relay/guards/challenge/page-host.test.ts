import { expect, it } from 'vitest'
import { isHostOf } from '../../../../relay/guards/challenge/page-host.ts'

const ORIGINS = new Set(['https://www.acme.example', 'http://localhost:8080', 'https://*.acme.test', 'null'])

it.each(['www.acme.example', 'WWW.acme.example', 'localhost', 'shop.acme.test'])('%s is a host of the form', (host) => {
  expect(isHostOf(ORIGINS, host)).toBe(true)
})

it.each([
  'acme.example',
  'evil.example',
  'www.acme.example.evil.example',
  'a.b.acme.test',
  'acme.test',
  '*.acme.example',
  '',
])('"%s" is no host of the form', (host) => {
  expect(isHostOf(ORIGINS, host)).toBe(false)
})
