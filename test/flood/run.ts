/** A flood with visitors in it, and a discard afterwards. Returns what was seen; the caller decides what is wrong. */
import { runAside } from '../support/command.ts'
import { flood, longestDelivery, visitors, type Flood } from './senders.ts'
import { startSetting } from './setting.ts'

export interface FloodOptions {
  /** Time of each of the two floods, in seconds. */
  seconds: number
  visitors: number
  print?: (line: string) => void
}

/** Time within which a visitor's lead must reach Marketo, in ms. */
const DELIVERED_WITHIN_MS = 60_000

/** Times that the discard is repeated while calls are under way. */
const MAX_TRIES = 20

/** A flood that comes fast from some networks, and one that comes from many, each of which stays below its own rate. */
const PLANS = [
  { name: 'fast', sources: 200, perSecond: 5_000, first: 0 },
  { name: 'slow', sources: 2_000, perSecond: 2_000, first: 100_000 },
]

export interface FloodReport {
  floods: (Flood & {
    name: string
    /** Statuses of the visitors' replies. */
    visitors: number[]
    /** Longest time until a visitor's reply, and until Marketo had the lead, in ms. */
    repliedMs: number
    deliveredMs: number
  })[]
  calls: { today: number; of: number }
  /** Leads of the flood that were discarded, and leads of visitors that were left and have reached Marketo. */
  discarded: number
  left: number
  missing: number
}

/** Runs the floods one after the other, and then discards what waits of a third one while Marketo is down. */
export async function runFloods(options: FloodOptions): Promise<FloodReport> {
  const { seconds, print = () => {} } = options
  const setting = await startSetting()
  const command = (...words: string[]) => runAside([...words, '--relay', setting.url], setting.variables)
  try {
    const floods: FloodReport['floods'] = []
    for (const plan of PLANS) {
      const [sent, all] = await Promise.all([
        flood(setting, { ...plan, seconds }),
        visitors(setting, plan.name, options.visitors, seconds),
      ])
      const deliveredMs = await longestDelivery(setting, all, DELIVERED_WITHIN_MS)
      const repliedMs = Math.max(...all.map(({ ms }) => ms))
      floods.push({ ...sent, name: plan.name, visitors: all.map(({ status }) => status), repliedMs, deliveredMs })
      print(
        `${plan.name}: ${(sent.sent / sent.seconds).toFixed(0)} posts a second, ${JSON.stringify(sent.replies)}; ` +
          `visitors ${all.length}, replied within ${repliedMs.toFixed(0)} ms, delivered within ${deliveredMs} ms`,
      )
    }
    const { calls } = await setting.state()
    print(`calls of the day: ${calls.today} of ${calls.of}`)

    await setting.refuse(true)
    const [, all] = await Promise.all([
      flood(setting, { sources: 200, perSecond: 500, first: 200_000, seconds: Math.min(seconds, 5) }),
      visitors(setting, 'late', options.visitors, Math.min(seconds, 5)),
    ])
    // What the relay has under way stays until its call is over.
    let discarded = 0
    for (let code: number | null = 1, tries = 0; code !== 0 && tries < MAX_TRIES; tries += 1) {
      const step = await command('discard', '--rule', 'ticket', '--reason', 'a flood', '--yes', '--json')
      code = step.code
      discarded += (JSON.parse(/^\{.*\}$/m.exec(step.printed)?.[0] ?? '{}') as { discarded?: number }).discarded ?? 0
    }
    print(`after the discard: ${(await command('waiting', '--by', 'domain', '--json')).printed.trim()}`)
    await setting.refuse(false)
    await command('retry')
    await longestDelivery(setting, all, DELIVERED_WITHIN_MS)
    const people = await setting.people()
    const known = new Set(people.map(({ email }) => email))
    const left = all.filter(({ email }) => known.has(email)).length
    print(`discarded ${discarded}; visitors that are left ${left} of ${all.length}`)
    return { floods, calls, discarded, left, missing: all.length - left }
  } finally {
    await setting.end()
  }
}
