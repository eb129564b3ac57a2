/**
 * The body of a webhook for an alert, in the form that its receiver reads. Pure. It holds no person's data, because no alert
 * does.
 */
import type { Alert } from './alerts.ts'
import { ISSUE_TEXTS } from './alert-text.ts'
import { iso } from './events.ts'

/** Documentation of each kind of issue. The fragment is the kind. */
const RUNBOOK = 'docs/operate.md'

/** Hosts of the webhooks of Microsoft Teams (its workflows, and the connectors before them). Their cards are adaptive ones. */
const TEAMS = /(?:^|\.)(?:webhook\.office\.com|logic\.azure\.com|powerplatform\.com|powerautomate\.com)$/

/**
 * Returns the body for a receiver: JSON with `type`, `timestamp` and `data` as Standard Webhooks recommends, and the alert in
 * words as `text`, which Slack, Mattermost and many others show; for Microsoft Teams a message with an adaptive card.
 *
 * @param host that of the receiver
 * @param at when the alert was raised, in epoch ms
 */
export function alertBody(alert: Alert, at: number, host: string): string {
  const text = alertText(alert)
  if (TEAMS.test(host)) return JSON.stringify(teamsMessage(text))
  return JSON.stringify({ type: `alert.${alert.change}`, timestamp: iso(at), text: text.join('\n'), data: alert })
}

/** Returns the lines of an alert: what is wrong, what it means, why, what to do, where to read more. */
export function alertText(alert: Alert): string[] {
  const { title, means, todo } = ISSUE_TEXTS[alert.kind]
  const name = alert.account === undefined ? 'form-sync' : `form-sync (account ${alert.account})`
  const lasted = durationOf(alert.lastedSeconds)
  if (alert.change === 'resolved') return [`Resolved: ${name} ${title}. It lasted ${lasted}.`]
  const since = alert.lastedSeconds > 0 ? ` It has lasted ${lasted}.` : ''
  const detail = [`Count: ${alert.count}`, ...(alert.of === undefined ? [] : [`of ${alert.of}`])].join(' ')
  return [
    `${CHANGE[alert.change]}${name} ${title}.${since}`,
    means,
    ...(alert.reason === undefined ? [] : [`Reason: ${alert.reason}.`]),
    `${detail}.${alert.until === undefined ? '' : ` Until ${alert.until}.`}`,
    `What to do: ${todo}`,
    `More: ${RUNBOOK}#${alert.kind}`,
  ]
}

const CHANGE = { started: '', escalated: 'Worse: ', ongoing: 'Still: ' } as const

/** Returns a duration in its two largest units: `40 s`, `5 min`, `3 h 20 min`, `2 d 4 h`. */
export function durationOf(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

function teamsMessage([title = '', ...lines]: readonly string[]): object {
  const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...more })
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [block(title, { weight: 'Bolder', size: 'Medium' }), ...lines.map((line) => block(line))],
        },
      },
    ],
  }
}
