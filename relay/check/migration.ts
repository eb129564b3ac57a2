/** Lists what changes for a configuration that moves from SOAP to REST. Pure: it writes nothing, and asks nobody. */
import { nameVariables } from '../account-name.ts'
import type { Form } from '../config/forms.ts'
import { toRestName } from '../marketo/names.ts'
import { nearName } from '../config/near-name.ts'

export interface MigrationStep {
  /** `required`: the relay does not start, or loses something, without it · `note`: to know, or to decide. */
  kind: 'required' | 'note'
  /** A variable, a place in the forms file such as `contact.workspace`, or `Marketo`. */
  place: string
  /** What is today, and what becomes of it, in a sentence. */
  change: string
  /** What to write or do, in a sentence. */
  advice: string
}

export interface MigrationInput {
  forms: readonly Form[]
  /** The SOAP endpoint, if it is set. */
  soapEndpoint: string | undefined
  /** Names of the variables that are set. */
  variables: ReadonlySet<string>
  /** Names of the lead partitions, if they could be read. */
  partitions?: readonly string[] | undefined
  /** Name of the account, `default` for the one without a name. Its variables have the name in theirs. */
  account: string
}

/** Lists the steps: variables, then forms, then what to look after in Marketo. */
export function planMigration(input: MigrationInput): MigrationStep[] {
  const steps = [
    ...variableSteps(input),
    ...input.forms.flatMap((form) => formSteps(form, input.partitions)),
    ...marketoSteps(input),
  ]
  const named = (text: string) => nameVariables(input.account, text)
  return steps.map(({ kind, place, change, advice }) => ({
    kind,
    place: named(place),
    change: named(change),
    advice: named(advice),
  }))
}

function variableSteps({ soapEndpoint, variables }: MigrationInput): MigrationStep[] {
  const steps: MigrationStep[] = []
  const add = (kind: MigrationStep['kind'], place: string, change: string, advice: string) =>
    void steps.push({ kind, place, change, advice })

  if (!variables.has('MARKETO_REST_ENDPOINT')) {
    const [, id] = /^https?:\/\/(\d{3}-[a-z]{3}-\d{3})\.mktoapi\.com/i.exec(soapEndpoint ?? '') ?? []
    const example = `https://${id ?? '123-ABC-456'}.mktorest.com/rest`
    const source = 'Admin > Integration > Web Services shows it.'
    add(
      'required',
      'MARKETO_REST_ENDPOINT',
      'It takes the place of MARKETO_SOAP_ENDPOINT.',
      `Set it, to ${example} or what ${source}`,
    )
  }
  if (!variables.has('MARKETO_CLIENT_ID') || !variables.has('MARKETO_CLIENT_SECRET')) {
    const change = 'They take the place of MARKETO_USER_ID and MARKETO_SECRET_KEY.'
    const advice =
      'Create a role with "Read-Write Lead" and, for check and Marketo forms, "Read-Only Asset"; an API-only user with it; and a custom service in LaunchPoint.'
    add('required', 'MARKETO_CLIENT_ID, MARKETO_CLIENT_SECRET', change, advice)
  }
  const ofSoap = ['MARKETO_SOAP_ENDPOINT', 'MARKETO_USER_ID', 'MARKETO_SECRET_KEY', 'MARKETO_NEXT_SECRET_KEY']
  const left = ofSoap.filter((name) => variables.has(name))
  if (left.length > 0) {
    const advice = 'Remove them, or set MARKETO_TRANSPORT=rest while both are set.'
    add('required', left.join(', '), 'They are of SOAP only.', advice)
  }
  if (variables.has('FORM_SYNC_API_KEYS')) {
    const change = '/v1/leads goes by REST: a foreign id or a workspace is answered 422, and a cookie alone is no key.'
    const advice =
      'Let your servers write the foreign id to a custom field and name it in "lookup", and send "partition" in place of "workspace".'
    add('required', 'FORM_SYNC_API_KEYS', change, advice)
  }
  return steps
}

function formSteps(form: Form, partitions: readonly string[] | undefined): MigrationStep[] {
  const steps: MigrationStep[] = []
  const { name, workspace, fields, associate } = form
  if (workspace !== undefined) {
    const change = `REST has no workspaces: "workspace": "${workspace}" is an error at start-up.`
    const advice = `Write "partition": "${partitionFor(workspace, partitions)}" in its place, the primary partition of that workspace.`
    steps.push({
      kind: 'required',
      place: `${name}.workspace`,
      change,
      advice: withChoice(advice, workspace, partitions),
    })
  }
  const renamed = [...new Set(attributesOf(form))].filter((attribute) => toRestName(attribute) !== attribute)
  if (renamed.length > 0) {
    const change = `Marketo names them otherwise: ${renamed.map((each) => `${each} is ${toRestName(each)}`).join(', ')}.`
    const advice =
      'Nothing is to be done: the forms file may have either name, and leads are stored under the SOAP name.'
    steps.push({ kind: 'note', place: `${name}.fields`, change, advice })
  }
  const booleans = fields.filter(({ type }) => type === 'boolean').map((field) => field.attribute)
  if (booleans.length > 0) {
    const change = `${booleans.join(', ')}: waiting leads that an earlier version stored are sent with the texts 1 and 0.`
    const advice =
      'Let the backlog become 0 before you restart with REST. Should Marketo refuse one, it alone is parked.'
    steps.push({ kind: 'note', place: `${name}.fields`, change, advice })
  }
  if (associate !== 'never') {
    const change = 'A lead with a cookie costs two calls in place of one: Sync Leads, then Associate Lead.'
    const advice = 'See that MARKETO_CALLS_PER_DAY is enough: twice the leads of a day.'
    steps.push({ kind: 'note', place: `${name}.associate`, change, advice })
  }
  if (form.marketoForm === undefined) {
    const change = 'Like syncLead, Sync Leads fills out no form: campaigns that listen to "Fills Out Form" do not run.'
    const advice =
      'Let them listen to "Person is Created" or "Data Value Changes", or write "marketoForm" with the id of a Marketo form that has all fields.'
    steps.push({ kind: 'note', place: name, change, advice })
  }
  return steps
}

function attributesOf({ fields, constants, capture, consent = [] }: Form): string[] {
  return [
    ...fields.map(({ attribute }) => attribute),
    ...constants.map((constant) => constant.name),
    ...[...capture, ...consent].map(({ attribute }) => attribute),
  ]
}

function partitionFor(workspace: string, partitions: readonly string[] | undefined): string {
  return (partitions && nearName(workspace, partitions)) ?? workspace
}

/** Adds the partitions to choose from, where none has the name of the workspace. */
function withChoice(advice: string, workspace: string, partitions: readonly string[] | undefined): string {
  if (!partitions || nearName(workspace, partitions) !== undefined) return advice
  return `${advice} None has that name; there are ${partitions.join(', ')}.`
}

function marketoSteps({ forms }: MigrationInput): MigrationStep[] {
  const place = 'Marketo'
  const hasWorkspace = forms.some(({ workspace }) => workspace !== undefined)
  return [
    {
      kind: 'note',
      place,
      change: 'Of two people with one address Marketo refuses to choose (1007): the lead is parked.',
      advice: 'Merge such people in Marketo, then replay the lead.',
    },
    {
      kind: 'note',
      place,
      change:
        'No source tells whether conditions such as "Source is Web Service API" see a change by REST as one by SOAP.',
      advice: 'Send one lead by REST, and look at its activity log before you move.',
    },
    ...(hasWorkspace
      ? [
          {
            kind: 'note' as const,
            place,
            change: 'Waiting leads that were accepted for a workspace go without it.',
            advice: 'Let the backlog become 0 first, or replay them once the forms have their partitions.',
          },
        ]
      : []),
  ]
}
