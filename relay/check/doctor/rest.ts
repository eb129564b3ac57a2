/** Examines an account over REST: credentials, rights, usage, partitions. It writes a person only when it is told to. */
import type { RestAccount } from '../../config/account.ts'
import { createCall, type CallResult, type Failure } from '../../marketo/rest/call.ts'
import { FIELDS, fieldsOfForm, PARTITIONS, USAGE } from '../../marketo/client/lists.ts'
import { readList, type List } from '../../marketo/client/read-list.ts'
import { firstRecord } from '../../marketo/rest/exchange.ts'
import { explain, leadIdIn } from '../../marketo/rest/verdicts.ts'
import { examineMunchkinId, observe } from './connection.ts'
import { ok, type Diagnosis, type DoctorOptions, type Examination } from './diagnosis.ts'
import { QUESTIONS } from './questions.ts'

const SYNC_LEADS = '/rest/v1/leads.json'
const ACCESS_DENIED = '603'
/** Errors of a call that holds nothing: Marketo has read it, so the right is there. */
const NOTHING_GIVEN: ReadonlySet<string | undefined> = new Set(['1003', '1002', '609'])

/** Examines an account. Never rejects. */
export async function examineRest(account: RestAccount, options: DoctorOptions): Promise<Diagnosis> {
  const { timeout, now } = options
  const connection = observe(account.endpoint, options, 'Set it by NTP: times in the log and of limits are wrong.')
  const call = createCall({ ...account, fetch: connection.fetch, now })
  const { host } = new URL(account.endpoint)

  async function read<T>(
    list: List<T>,
    right: string,
    tell: (result: T[]) => string,
  ): Promise<Examination & { list?: T[] }> {
    const answer = await readList(call, list, timeout)
    if (answer.kind === 'done') return { ...ok(`right ${right}`, tell(answer.result)), list: answer.result }
    return refused(right, answer)
  }

  function refused(right: string, failure: Failure): Examination {
    const name = `right ${right}`
    if (failure.kind === 'error' && failure.error.code === ACCESS_DENIED) {
      const advice = `Give the role of the API user the right "${right}", or add this machine to the allow-list.`
      return { name, result: 'error', seen: '603 Access denied.', advice }
    }
    return {
      name,
      result: 'error',
      seen: `${explain(failure, host)}.`,
      advice: 'Try again; then ask Marketo’s support.',
    }
  }

  // The first call shows whether there is an access token at all.
  const usage = await readList(call, USAGE, timeout)
  const munchkin = examineMunchkinId(account.endpoint, options.munchkinId)
  if (usage.kind === 'no-token') {
    const advice = 'Compare them with Admin > Integration > LaunchPoint, View Details.'
    const credentials: Examination =
      usage.failureClass.kind === 'blocked'
        ? { name: 'credentials', result: 'error', seen: `${usage.reason}.`, advice }
        : { name: 'credentials', result: 'not examined', seen: `${usage.reason}.` }
    return { transport: 'rest', examinations: [...connection.examine(), credentials, munchkin], pleaseTellUs: [] }
  }

  const examinations = [
    ok('credentials', 'Marketo gives out an access token for the client.'),
    await read(FIELDS, 'Read-Only Lead', (fields) => `${fields.length} fields of a person can be read.`),
    await examineWriting(),
    await read(PARTITIONS, 'Read-Only Lead, partitions', (names) => `Partitions: ${names.join(', ') || 'none'}.`),
    ...(await Promise.all(
      options.marketoForms.map((form) =>
        read(
          fieldsOfForm(form),
          'Read-Only Asset',
          (fields) => `The Marketo form ${form} has ${fields.length} fields.`,
        ),
      ),
    )),
    usage.kind === 'done' ? examineUsage(usage.result, options.callsPerDay) : refused('usage', usage),
  ].map(({ name, result, seen, advice }) => ({ name, result, seen, ...(advice !== undefined && { advice }) }))

  /** Sends no record: with the right Marketo answers that none is given. */
  async function examineWriting(): Promise<Examination> {
    const body = JSON.stringify({ action: 'updateOnly', lookupField: 'id', input: [] })
    const answer = await call({ method: 'POST', path: SYNC_LEADS, body }, timeout)
    const isRead = answer.kind === 'done' || (answer.kind === 'error' && NOTHING_GIVEN.has(answer.error.code))
    return isRead
      ? ok('right Read-Write Lead', 'Marketo takes leads. None was sent.')
      : refused('Read-Write Lead', answer)
  }

  const seen: { -readonly [Question in keyof typeof QUESTIONS]?: string } = {}
  const [today] = usage.kind === 'done' ? usage.result : []
  if (today) seen.day = `At ${new Date(now()).toISOString()} Marketo's day was ${today.date}.`
  let leadId: number | undefined
  if (options.lead !== undefined) {
    const created = await writeLead(options.lead)
    examinations.push(created.examination)
    leadId = created.leadId
    if (created.isNew && leadId !== undefined) seen.boolean = await askAboutBooleans(leadId)
  }

  async function sync(action: string, lookupField: string, record: object): Promise<CallResult> {
    const body = JSON.stringify({ action, lookupField, input: [record] })
    return call({ method: 'POST', path: SYNC_LEADS, body }, timeout)
  }

  async function writeLead(email: string) {
    const answer = await sync('createOrUpdate', 'email', { email })
    const { id: given, status } = firstRecord(answer.kind === 'done' && answer.result)
    const id = leadIdIn(given)
    if (id !== undefined) {
      const examination = ok(
        'lead',
        `The person has the id ${id} (${String(status)}). Delete it in Marketo if it was a test.`,
      )
      return { examination, leadId: id, isNew: status === 'created' }
    }
    const reason = answer.kind === 'done' ? 'Marketo skipped the record.' : `${explain(answer, host)}.`
    const examination: Examination = { name: 'lead', result: 'error', seen: reason, advice: 'See the reason above.' }
    return { examination, isNew: false }
  }

  /** Writes a boolean as text to the person that was just created, and reads it back. */
  async function askAboutBooleans(id: number): Promise<string> {
    await sync('updateOnly', 'id', { id, doNotCall: '1' })
    const path = `/rest/v1/lead/${id}.json?fields=doNotCall`
    const answer = await call({ method: 'GET', path }, timeout)
    const { doNotCall } = firstRecord(answer.kind === 'done' && answer.result)
    await sync('updateOnly', 'id', { id, doNotCall: false })
    return `"1" was read back as ${JSON.stringify(doNotCall)}.`
  }

  return {
    transport: 'rest',
    examinations: [...connection.examine(), ...examinations, munchkin],
    ...(leadId !== undefined && { leadId }),
    pleaseTellUs: Object.entries(QUESTIONS).map(([key, question]) => {
      const answer = seen[key as keyof typeof QUESTIONS]
      return { question, ...(answer !== undefined && { seen: answer }) }
    }),
  }
}

/** Share of the day's calls of our own limit that other integrations should leave. */
const BUSY_RATIO = 0.5

function examineUsage([today]: { total: number }[], callsPerDay: number): Examination {
  const name = 'calls today'
  if (!today) return ok(name, 'Marketo has counted no call today.')
  const seen = `All integrations together have made ${today.total} calls today; the relay may make ${callsPerDay} a day.`
  if (today.total < callsPerDay * BUSY_RATIO) return ok(name, seen)
  const advice = 'Compare with the quota under Admin > Integration > Web Services, and set MARKETO_CALLS_PER_DAY.'
  return { name, result: 'warning', seen, advice }
}
