import { expect, it } from 'vitest'
import { createReportedSources } from '../../../relay/guards/reported-sources.ts'
import { createSourceCount } from '../../../relay/guards/source-count.ts'

it('a process reports each lead once, and none that was not stored after all', () => {
  const sources = createReportedSources(10, () => 0)
  for (const network of ['a', 'a', 'b']) sources.add(network)
  sources.remove('b')

  expect(sources.take()).toEqual([{ network: 'a', leads: 2 }])
  sources.add('a')
  expect(sources.take()).toEqual([{ network: 'a', leads: 1 }])
})

it('a process takes no lead of a network that has its maximum by those of others, until it hears that it has not', () => {
  const sources = createReportedSources(10, () => 0)

  sources.learn(['a'])
  const full = [sources.add('a'), sources.add('b')]
  sources.learn([])

  expect([...full, sources.add('a')]).toEqual([false, true, true])
})

it('the networks with their maximum are known, and are none any more after an hour', () => {
  let now = 0
  const sources = createSourceCount(2, () => now)
  for (const network of ['a', 'a', 'b']) sources.add(network)

  const full = sources.full()
  now = 3_600_000

  expect([full, sources.full()]).toEqual([['a'], []])
})
