/**
 * Plans the visits of a run from its seed: the forms, their values and their times. It sends nothing.
 *
 * No two submissions have the same value of an attribute, except an empty one, so that a value tells its submission.
 */
import { BAD_TEXTS, MISTYPED_DOMAIN } from './bad-leads.ts'
import { chanceOf, type Chance } from './chance.ts'

export const ORIGIN = 'https://www.chaos.example'

const MUNCHKIN_ID = '123-ABC-456'

/** Forms of the relay. The simulator does not know `Shoe_Size__c`, and accepts only a number in `Berths__c`. */
export const FORMS = {
  forms: {
    contact: {
      origins: [ORIGIN],
      fields: {
        Email: { type: 'email', required: true },
        first: { attribute: 'FirstName' },
        last: { attribute: 'LastName' },
        company: { attribute: 'Company' },
        title: { attribute: 'Title' },
        department: { attribute: 'Department', blank: 'clear' },
        message: { attribute: 'Message__c', type: 'textarea' },
      },
      constants: { LeadSource: 'Web' },
      capture: { utm_source: 'UTM_Source__c' },
    },
    unknown: {
      origins: [ORIGIN],
      fields: {
        Email: { type: 'email', required: true },
        first: { attribute: 'FirstName' },
        shoes: { attribute: 'Shoe_Size__c' },
      },
    },
    misfit: {
      origins: [ORIGIN],
      fields: {
        Email: { type: 'email', required: true },
        title: { attribute: 'Title' },
        berths: { attribute: 'Berths__c' },
      },
    },
    europe: {
      origins: [ORIGIN],
      fields: {
        Email: { type: 'email', required: true },
        city: { attribute: 'City' },
        last: { attribute: 'LastName' },
      },
      workspace: 'Europe',
      associate: 'never',
    },
  },
}

/** Ids that several submissions of different people have. */
const REUSED_IDS = ['1', '2', '3'].map((digit) => `0a0a0a0a-0a0a-4a0a-8a0a-00000000000${digit}`)

/** Returns whether the relay gives Marketo the cookie with a lead of the form. */
export function associates(form: FormName): boolean {
  const { associate } = FORMS.forms[form] as { associate?: string }
  return associate !== 'never'
}

/** Attributes with a fixed value, sent with every lead of a form that has them. */
export const CONSTANTS: Readonly<Record<string, string>> = { LeadSource: 'Web' }

type FormName = keyof typeof FORMS.forms

/** The values of one filled-in form. */
export interface Content {
  /** Fields as the page posts them. */
  fields: Readonly<Record<string, string>>
  /** Attributes that Marketo must get, by SOAP API name, except the address. */
  attributes: Readonly<Record<string, string>>
}

export interface PlannedSubmission {
  form: FormName
  /** The address in lower case. */
  person: string
  /** An id that other submissions have too. */
  id?: string
  /** Usually one. A second one is sent under the same id, which no widget does: both must be delivered. */
  contents: readonly Content[]
  /** True when the button is pressed twice. */
  twice: boolean
  /** Number of times that the visitor presses the button while it fails. */
  presses: number
  /** Pause before it is sent, in ms. */
  pause: number
}

/** A tab of one person, from which forms are sent one after the other. All tabs of a person have the same cookie. */
export interface Visit {
  /** Time since the beginning, in ms. */
  at: number
  cookie?: string
  submissions: readonly PlannedSubmission[]
}

export interface PlanOptions {
  seed: number
  /** Time in which visits begin, in ms. */
  duration: number
  submissions: number
}

/** Plans visits with at least `submissions` submissions, in the order of their times. */
export function planVisits({ seed, duration, submissions }: PlanOptions): Visit[] {
  const visits: Visit[] = []
  let planned = 0
  for (let person = 0; planned < submissions; person += 1) {
    const tabs = planPerson(chanceOf(seed, 'person', person), person, duration)
    planned += tabs.reduce((sum, tab) => sum + tab.submissions.length, 0)
    visits.push(...tabs)
  }
  return visits.toSorted((a, b) => a.at - b.at)
}

function planPerson(chance: Chance, number: number, duration: number): Visit[] {
  const person = `p${number}@chaos.example`
  const token = `p${number}`
  const at = chance.between(0, duration)
  const tabs = chance.happens(0.35) ? chance.between(2, 3) : 1
  const isMistyped = chance.happens(0.05)
  const hasCookie = isMistyped || chance.happens(0.05)
  const badText = chance.happens(0.08) ? chance.pick(BAD_TEXTS) : undefined
  let count = 0
  const plan = (address: string, badText?: string) => planSubmission(chance, address, `${token}n${++count}`, badText)
  const visits = Array.from({ length: tabs }, (_, tab): Visit => ({
    at: at + (tab === 0 ? 0 : chance.between(0, 1_500)),
    ...(hasCookie && { cookie: cookieOf(number) }),
    submissions: Array.from({ length: chance.happens(0.5) ? 1 : chance.between(2, 4) }, () => plan(person)),
  }))
  const [first, ...others] = visits
  const mistyped = isMistyped ? [plan(`${token}@${MISTYPED_DOMAIN}`)] : []
  const submissions = [...mistyped, ...first!.submissions]
  if (badText !== undefined) submissions.push(plan(person, badText))
  return [{ ...first!, submissions }, ...others]
}

/** Returns a cookie that both the relay and Marketo accept. */
function cookieOf(number: number): string {
  return `id:${MUNCHKIN_ID}&token:_mch-chaos.example-${1_764_000_000_000 + number}-${10_000 + (number % 90_000)}`
}

/** @param badText text that makes it a bad lead */
function planSubmission(chance: Chance, person: string, token: string, badText?: string): PlannedSubmission {
  const form = badText === undefined ? pickForm(chance) : 'contact'
  const filledIn = fillIn(chance, form, person, token)
  const first = badText === undefined ? filledIn : withCompany(filledIn, `${token} ${badText}`)
  const second = withOtherValues(first, token)
  // A form without answers has no other values.
  const differ = JSON.stringify(second) !== JSON.stringify(first)
  return {
    form,
    person,
    // A page that names the same id for all of its visitors, which no widget does.
    ...(differ && chance.happens(0.015) && { id: chance.pick(REUSED_IDS) }),
    contents: chance.happens(0.02) && differ ? [first, second] : [first],
    twice: chance.happens(0.04),
    presses: chance.between(1, 4),
    pause: chance.between(0, 600),
  }
}

function withCompany({ fields, attributes }: Content, company: string): Content {
  return { fields: { ...fields, company }, attributes: { ...attributes, Company: company } }
}

/** Returns the same fields with other values. */
function withOtherValues(content: Content, token: string): Content {
  return JSON.parse(JSON.stringify(content).replaceAll(token, `${token}b`)) as Content
}

function pickForm(chance: Chance): FormName {
  const number = chance.random()
  if (number < 0.01) return 'unknown'
  if (number < 0.02) return 'misfit'
  return number < 0.04 ? 'europe' : 'contact'
}

function fillIn(chance: Chance, form: FormName, person: string, token: string): Content {
  const fields: Record<string, string> = { Email: chance.happens(0.2) ? person.toUpperCase() : person }
  const attributes: Record<string, string> = {}
  const answer = (name: string, attribute: string, value: string) => {
    fields[name] = value
    attributes[attribute] = value
  }
  switch (form) {
    case 'contact':
      if (chance.happens(0.7)) answer('first', 'FirstName', `First ${token}`)
      if (chance.happens(0.7)) answer('last', 'LastName', `Last ${token}`)
      if (chance.happens(0.5)) answer('company', 'Company', `${token} & Söhne <GmbH> “${token}”`)
      if (chance.happens(0.5)) answer('title', 'Title', `Title ${token}`)
      if (chance.happens(0.3)) answer('department', 'Department', chance.happens(0.3) ? '' : `Dep ${token}`)
      if (chance.happens(0.3))
        answer('message', 'Message__c', `${token}: ]]> & 漁港 👋 ${'tide '.repeat(chance.between(0, 60))}.`)
      if (chance.happens(0.3)) {
        fields._query = `?utm_source=${token}`
        attributes.UTM_Source__c = token
      }
      break
    case 'unknown':
      answer('first', 'FirstName', `First ${token}`)
      answer('shoes', 'Shoe_Size__c', `Shoe ${token}`)
      break
    case 'misfit':
      answer('title', 'Title', `Title ${token}`)
      answer('berths', 'Berths__c', `Berth ${token}`)
      break
    case 'europe':
      answer('city', 'City', `City ${token}`)
      answer('last', 'LastName', `Last ${token}`)
      break
    default:
      form satisfies never
  }
  return { fields, attributes }
}
