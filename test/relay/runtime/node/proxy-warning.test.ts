import { expect, it } from 'vitest'
import type { LogEvent } from '../../../../relay/monitoring/events.ts'
import { createProxyWarning } from '../../../../relay/runtime/node/proxy-warning.ts'

it.each([
  ['warns once of posts through a proxy when no proxy is trusted', 0, ['192.0.2.1', null, '192.0.2.2'], 1],
  ['does not warn of posts without a proxy', 0, [null, null], 0],
  ['does not warn when proxies are trusted', ['10.0.0.0/8'], ['192.0.2.1'], 0],
] as const)('%s', (_, proxies, headers, warnings) => {
  const events: LogEvent[] = []
  const warn = createProxyWarning(proxies, (event) => events.push(event))

  for (const header of headers) warn(header)

  expect(events).toHaveLength(warnings)
  expect(events.every(({ event }) => event === 'configuration-warning')).toBe(true)
})
