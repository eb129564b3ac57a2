/**
 * Names of Marketo's standard fields in its two APIs. A custom field has the same name in both. Pure.
 *
 * Source: Adobe's page "Standard Fields". The first letter's case is not the rule: `SICCode` is `sicCode`, and
 * `MarketoSocialGender` is `gender`.
 */

/** REST names whose SOAP name only begins with a capital letter. */
const CAPITALISED = `
  address annualRevenue anonymousIP billingCity billingCountry billingPostalCode billingState billingStreet city company
  country department doNotCall doNotCallReason email fax firstName industry inferredCompany inferredCountry lastName
  leadRole leadScore leadSource leadStatus mainPhone middleName mobilePhone numberOfEmployees phone postalCode rating
  salutation site state title unsubscribed unsubscribedReason website
`

/** REST names whose SOAP name also has the prefix `MarketoSocial`. */
const SOCIAL = `
  facebookDisplayName facebookId facebookPhotoURL facebookProfileURL facebookReach facebookReferredEnrollments
  facebookReferredVisits gender lastReferredEnrollment lastReferredVisit linkedInDisplayName linkedInId linkedInPhotoURL
  linkedInProfileURL linkedInReach linkedInReferredEnrollments linkedInReferredVisits totalReferredEnrollments
  totalReferredVisits twitterDisplayName twitterId twitterPhotoURL twitterProfileURL twitterReach
  twitterReferredEnrollments twitterReferredVisits
`

/** REST names and SOAP names that follow no rule. */
const IRREGULAR: readonly (readonly [rest: string, soap: string])[] = [
  ['dateOfBirth', 'DateofBirth'],
  ['sicCode', 'SICCode'],
  ['jigsawContactId', 'Marketo Jigsaw Contact Id'],
  ['jigsawContactStatus', 'Marketo Jigsaw Contact Status'],
]

/** REST names of the fields of the lead's company. */
const COMPANY = `
  annualRevenue billingCity billingCountry billingPostalCode billingState billingStreet company industry mainPhone
  numberOfEmployees sicCode site website
`

const listOf = (names: string) => names.trim().split(/\s+/)
const capitalise = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

const PAIRS = [
  ...listOf(CAPITALISED).map((rest) => [rest, capitalise(rest)] as const),
  ...listOf(SOCIAL).map((rest) => [rest, `MarketoSocial${capitalise(rest)}`] as const),
  ...IRREGULAR,
]

/** Pairs of names by either name, in lower case. */
const BY_NAME = new Map(PAIRS.flatMap((pair) => pair.map((name) => [name.toLowerCase(), pair] as const)))
const COMPANY_FIELDS: ReadonlySet<string> = new Set(listOf(COMPANY))

/** Returns the REST name of a field that is given by either name. Standard names are found without regard to case. */
export function toRestName(name: string): string {
  return BY_NAME.get(name.toLowerCase())?.[0] ?? name
}

/** Returns the SOAP name of a field that is given by either name. Standard names are found without regard to case. */
export function toSoapName(name: string): string {
  return BY_NAME.get(name.toLowerCase())?.[1] ?? name
}

/** Returns whether a standard field belongs to the lead's company, not to the lead. */
export function isCompanyField(name: string): boolean {
  return COMPANY_FIELDS.has(toRestName(name))
}
