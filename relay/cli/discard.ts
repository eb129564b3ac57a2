/**
 * Runs `form-sync discard`: removes undelivered leads that the options select, or says what would be removed.
 *
 * It discards in steps, each of them atomic. If it is interrupted, the leads of some steps are discarded and all others
 * are as they were.
 */
import { SELECTOR_FIELDS, textsOf } from '../admin/selector.ts'
import type { DiscardRequest, DiscardResult, WaitingLeads } from '../admin/waiting-leads.ts'
import { openAdmin, SOURCE_HELP, SOURCE_OPTIONS, withAdmin, type Source, typedSource } from './open-admin.ts'
import { ownName } from './own-name.ts'
import { parseOptions, usageError } from './parse-options.ts'
import { SELECTOR_HELP, SELECTOR_OPTIONS, selectorOf, typedOptions } from './selector-options.ts'
import { counted, createProgress, printable } from './terminal.ts'

const HELP = `Usage: form-sync discard <selection> --reason <text> [--yes] [options]

Removes leads that are not delivered, such as those of a flood. They are never
sent, and their personal data is wiped. A receipt of each remains, which says
who discarded it and why. Without --yes it only counts the leads that would be
removed. A lead for which a call is under way stays.

${SELECTOR_HELP}
  At least one is required.

Options:
  --reason <text>       Why they are removed: up to 200 characters, without
                        personal data. Required with --yes
  --yes                 Remove them. There is no way back.
  --json                Print one JSON object
  -h, --help            Show this help

${SOURCE_HELP}

Examples:
  form-sync discard --form contact --source 5nTq0cJwQ8mVb1kZ2yXd3A
  form-sync discard --domain spam.example --state held --reason "a flood" --yes

Exit codes:
  0  The leads were removed, or counted, or there are none
  1  Some stay because a call for them is under way, or the source failed
  2  The options or variables are wrong`

/** Runs the command and resolves with its exit code. */
export async function discardCommand(words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  let parsed
  try {
    parsed = parse(words)
  } catch (error) {
    return usageError('discard', (error as Error).message)
  }
  if ('help' in parsed) {
    console.log(HELP)
    return 0
  }
  const { request, json, source } = parsed
  return withAdmin(
    'discard',
    () => openAdmin(source, env),
    async ({ waitingLeads }) => {
      const result = await discardAll(waitingLeads, request)
      console.log(json ? JSON.stringify(result) : describe(result, request, source))
      return result.underWay > 0 && !request.dryRun ? 1 : 0
    },
  )
}

/** Maximum length of a reason, in characters: it is noted on each receipt. */
const MAX_REASON_LENGTH = 200

function parse(words: string[]) {
  const { values } = parseOptions({
    args: words,
    options: {
      ...SELECTOR_OPTIONS,
      reason: { type: 'string' },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...SOURCE_OPTIONS,
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { reason = '', yes, json, help, relay, data, account, ...selection } = values
  if (help) return { help }
  const selector = selectorOf(selection)
  if (Object.keys(selector).length === 0) {
    throw new Error(
      `no leads are selected; give at least one of ${SELECTOR_FIELDS.map((name) => `--${name}`).join(', ')}`,
    )
  }
  if (yes && reason === '') throw new Error('--yes requires --reason, which is noted on each receipt')
  if (reason.length > MAX_REASON_LENGTH || /\S@\S/.test(reason)) {
    throw new Error(`--reason must be text of up to ${MAX_REASON_LENGTH} characters, without an e-mail address`)
  }
  const request: DiscardRequest = { selector, by: ownName(), reason, dryRun: !yes }
  return { request, json, source: { relay, data, account } }
}

async function discardAll(waitingLeads: WaitingLeads, request: DiscardRequest): Promise<DiscardResult> {
  const total: DiscardResult = { dryRun: request.dryRun, discarded: 0, underWay: 0 }
  const progress = createProgress(process.stderr, Date.now)
  let after: string | undefined
  try {
    do {
      const result = await waitingLeads.discard({ ...request, ...(after !== undefined && { after }) })
      total.discarded += result.discarded
      total.underWay += result.underWay
      after = result.next
      progress.update(`${counted(total.discarded, 'lead')} ${request.dryRun ? 'counted' : 'removed'}`)
    } while (after !== undefined)
  } finally {
    progress.end()
  }
  return total
}

function describe(
  { discarded, underWay }: DiscardResult,
  { dryRun, selector, reason }: DiscardRequest,
  source: Source,
): string {
  const leads = counted(discarded, 'lead')
  const stay =
    underWay === 0
      ? []
      : [
          `${counted(underWay, 'more lead')} ${dryRun ? 'would stay' : 'stayed'}: a call is under way. Try again in two minutes.`,
        ]
  if (!dryRun) return [`Removed ${leads}.`, ...stay].join('\n')
  const why = `--reason "${reason.replaceAll('"', '\\"') || '…'}"`
  const command = ['form-sync discard', typedOptions(textsOf(selector)), ...typedSource(source), why, '--yes'].join(' ')
  return [
    `Would remove ${leads}. Nothing was changed.`,
    ...stay,
    ...(discarded > 0 ? [`To remove them: ${printable(command)}`] : []),
  ].join('\n')
}
