/**
 * Who fills in which form with what, and when: all of it from the seed. It sends nothing.
 *
 * No two submissions bring the same value of an attribute, but for an empty one: a value says whose it is.
 */
import { chanceOf, type Chance } from './chance.ts'

export const ORIGIN = 'https://www.chaos.example'

const MUNCHKIN_ID = '123-ABC-456'

/** The relay's forms. The simulator does not know `Shoe_Size__c`, and wants a number in `Berths__c`. */
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

/** Written with every lead of a form that has it. */
export const CONSTANTS: Readonly<Record<string, string>> = { LeadSource: 'Web' }

type FormName = keyof typeof FORMS.forms

/** A form as it was filled in. */
export interface Content {
  /** As the page posts it. */
  fields: Readonly<Record<string, string>>
  /** What Marketo is to get, by its SOAP API name; without the address. */
  attributes: Readonly<Record<string, string>>
}

export interface Planned {
  form: FormName
  /** As a rule one. A second one goes out under the same id, as no widget does: the first that is kept counts. */
  contents: readonly Content[]
  /** The button is pressed twice. */
  twice: boolean
  /** How often the visitor tries when it fails. */
  presses: number
  /** Milliseconds before it is sent. */
  pause: number
}

/** One tab of one person. What is sent from it goes one after the other. */
export interface Visit {
  /** Milliseconds since the beginning. */
  at: number
  /** The address in lower case. */
  person: string
  cookie?: string
  submissions: readonly Planned[]
}

export interface PlanOptions {
  seed: number
  /** Milliseconds in which visits begin. */
  duration: number
  submissions: number
}

/** Plans visits until they have about so many submissions, in the order they begin. */
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
  const visitor = chance.happens(0.03)
  let count = 0
  return Array.from({ length: tabs }, (_, tab) => ({
    at: at + (tab === 0 ? 0 : chance.between(0, 1_500)),
    person,
    ...(visitor && { cookie: `id:${MUNCHKIN_ID}&token:_mch-chaos.example-${number}-${tab}` }),
    submissions: Array.from({ length: chance.happens(0.5) ? 1 : chance.between(2, 4) }, () =>
      planSubmission(chance, person, `${token}n${++count}`),
    ),
  }))
}

function planSubmission(chance: Chance, person: string, token: string): Planned {
  const form = pickForm(chance)
  const first = fillIn(chance, form, person, token)
  return {
    form,
    contents: chance.happens(0.02) ? [first, otherwise(first, token)] : [first],
    twice: chance.happens(0.04),
    presses: chance.between(1, 4),
    pause: chance.between(0, 600),
  }
}

/** The same fields with other values. */
function otherwise(content: Content, token: string): Content {
  return JSON.parse(JSON.stringify(content).replaceAll(token, `${token}b`)) as Content
}

function pickForm(chance: Chance): FormName {
  const thrown = chance.random()
  if (thrown < 0.01) return 'unknown'
  if (thrown < 0.02) return 'misfit'
  return thrown < 0.04 ? 'europe' : 'contact'
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
