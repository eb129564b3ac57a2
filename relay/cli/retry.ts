/** Runs `form-sync retry`: the relay calls Marketo again at once, and does not wait for the pause to end. */
import { FIRST_ACCOUNT, nameVariables } from '../account-name.ts'
import type { RetryResult } from '../admin/retry-now.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin } from './open-admin.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { counted, printable } from './terminal.ts'

const HELP = `Usage: form-sync retry [options]

Makes the relay call Marketo again at once. Use it when you have mended what
made Marketo refuse all leads, such as access for the API user, or had the
quota of calls a day raised: the relay would find out by itself, but only after
five minutes, or within an hour.

One lead is sent first. The others follow when it gets through. A relay that is
started with another key or endpoint does the same without this command. Our own
limits, such as MARKETO_CALLS_PER_DAY, stay as they are.

Options:
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync retry --data /var/lib/form-sync
  form-sync retry --relay https://forms.acme.example

Exit codes:
  0  The next call may go now
  1  The source cannot be used, or our own limit of the day is met
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function retryCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let values
  try {
    values = parseOptions({
      args: words,
      options: {
        ...SOURCE_OPTIONS,
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    return usageError('retry', (error as Error).message)
  }
  const { json, help, ...source } = values
  if (help) {
    console.log(HELP)
    return 0
  }
  return withAdmin(
    'retry',
    () => openAdmin(source, env),
    async ({ retryNow, deliveryNote }) => {
      const result = await retryNow()
      console.log(json ? JSON.stringify(result) : describeAll(result, deliveryNote, source.account).join('\n'))
      return result.ownLimitMet ? 1 : 0
    },
  )
}

/** Describes the result of the account, or that of each account under its name. */
function describeAll(result: RetryResult, deliveryNote: string, only = FIRST_ACCOUNT): string[] {
  if (!result.accounts) return describe(result, deliveryNote, only)
  return result.accounts.flatMap(({ account, ...own }) => [
    `${printable(account)}:`,
    ...describe(own, deliveryNote, account).map((line) => `  ${line}`),
  ])
}

function describe(
  { waiting, owedCookies = 0, stopped, quotaSpent, ownLimitMet }: RetryResult,
  deliveryNote: string,
  account: string,
): string[] {
  const state = stopped && (stopped.blocked ? 'Marketo rejected the account' : 'Marketo could not be reached')
  return [
    ...(stopped ? [`${state}: ${printable(stopped.reason)}.`] : []),
    ...(quotaSpent ? ['Marketo reported that its quota of calls a day is spent.'] : []),
    ...(ownLimitMet
      ? [
          `All calls that ${nameVariables(account, 'MARKETO_CALLS_PER_DAY')} allows today are spent: raise it and restart the relay.`,
        ]
      : [
          stopped || quotaSpent ? 'The next call may go now.' : 'Calls were not stopped; nothing was changed.',
          ...(waiting > 0 ? [`${counted(waiting, 'lead')} ${waiting === 1 ? 'waits' : 'wait'}. ${deliveryNote}`] : []),
          ...(owedCookies > 0
            ? [
                `${counted(owedCookies, 'cookie')} of delivered leads ${owedCookies === 1 ? 'is' : 'are'} still to be associated.`,
              ]
            : []),
        ]),
  ]
}
