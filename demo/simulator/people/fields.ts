/**
 * Defines the fields of a person by SOAP API name. Any other attribute is unknown. Reads no value.
 *
 * Names and labels of the standard fields come from Adobe's list (help/rest-api/list-of-standard-fields), without the
 * fields that have no SOAP name. The `MarketoSocial…` fields were part of every Marketo of that time. The custom fields
 * belong to the demo's fictitious company, which sells forecasts to harbours.
 */
import { FIELD_TYPES, type FieldType } from './field-types.ts'

export interface Field {
  name: string
  type: FieldType
  /** Display name. Defaults to the name. */
  label?: string
  /** REST API name. Defaults to the one that Adobe's list gives: see `rest-names.ts`. */
  restName?: string
  /** Maximum length of a value. Defaults to that of the type. */
  size?: number
  /** Marketo accepts a value for the field and does not store it. */
  readOnly?: true
  custom?: true
}

/** Maximum length of a value in characters, in bytes for `text`. Null if there is none. */
export function sizeOf({ type, size }: Field): number | null {
  return size ?? FIELD_TYPES[type].size
}

const STANDARD: readonly Field[] = [
  ...typed('string', {
    FirstName: 'First Name',
    MiddleName: 'Middle Name',
    LastName: 'Last Name',
    Salutation: 'Salutation',
    Title: 'Job Title',
    Department: 'Department',
    LeadRole: 'Role',
    Company: 'Company Name',
    Site: 'Site',
    Industry: 'Industry',
    SICCode: 'SIC Code',
    LeadSource: 'Lead Source',
    LeadStatus: 'Lead Status',
    Rating: 'Lead Rating',
    City: 'City',
    State: 'State',
    PostalCode: 'Postal Code',
    Country: 'Country',
    BillingStreet: 'Billing Address',
    BillingCity: 'Billing City',
    BillingState: 'Billing State',
    BillingPostalCode: 'Billing Postal Code',
    BillingCountry: 'Billing Country',
    MarketoSocialFacebookDisplayName: 'Marketo Social Facebook Display Name',
    MarketoSocialFacebookId: 'Marketo Social Facebook Id',
    MarketoSocialLinkedInDisplayName: 'Marketo Social LinkedIn Display Name',
    MarketoSocialLinkedInId: 'Marketo Social LinkedIn Id',
    MarketoSocialTwitterDisplayName: 'Marketo Social Twitter Display Name',
    MarketoSocialTwitterId: 'Marketo Social Twitter Id',
    MarketoSocialGender: 'Marketo Social Gender',
  }),
  ...typed('text', {
    Address: 'Address',
    DoNotCallReason: 'Do Not Call Reason',
    UnsubscribedReason: 'Unsubscribed Reason',
  }),
  ...typed('email', { Email: 'Email Address' }),
  ...typed('phone', {
    Phone: 'Phone Number',
    MobilePhone: 'Mobile Phone Number',
    MainPhone: 'Main Phone',
    Fax: 'Fax Number',
  }),
  ...typed('url', {
    Website: 'Website',
    MarketoSocialFacebookPhotoURL: 'Marketo Social Facebook Photo URL',
    MarketoSocialFacebookProfileURL: 'Marketo Social Facebook Profile URL',
    MarketoSocialLinkedInPhotoURL: 'Marketo Social LinkedIn Photo URL',
    MarketoSocialLinkedInProfileURL: 'Marketo Social LinkedIn Profile URL',
    MarketoSocialTwitterPhotoURL: 'Marketo Social Twitter Photo URL',
    MarketoSocialTwitterProfileURL: 'Marketo Social Twitter Profile URL',
  }),
  ...typed('date', { DateofBirth: 'Date of Birth' }),
  ...typed('datetime', {
    MarketoSocialLastReferredEnrollment: 'Marketo Social Last Referred Enrollment',
    MarketoSocialLastReferredVisit: 'Marketo Social Last Referred Visit',
  }),
  ...typed('boolean', { DoNotCall: 'Do Not Call', Unsubscribed: 'Unsubscribed' }),
  ...typed('integer', {
    NumberOfEmployees: 'Num Employees',
    MarketoSocialFacebookReach: 'Marketo Social Facebook Reach',
    MarketoSocialLinkedInReach: 'Marketo Social LinkedIn Reach',
    MarketoSocialTwitterReach: 'Marketo Social Twitter Reach',
    MarketoSocialTotalReferredEnrollments: 'Marketo Social Total Referred Enrollments',
    MarketoSocialTotalReferredVisits: 'Marketo Social Total Referred Visits',
  }),
  ...typed('currency', { AnnualRevenue: 'Annual Revenue' }),
  ...typed('score', { LeadScore: 'Lead Score' }),
]

/** Fields that Marketo derives itself. */
const DERIVED = typed(
  'string',
  { AnonymousIP: 'Anonymous IP', InferredCompany: 'Inferred Company', InferredCountry: 'Inferred Country' },
  { readOnly: true },
)

const CUSTOM: readonly Field[] = [
  ...typed(
    'string',
    {
      UTM_Source__c: 'UTM Source',
      UTM_Medium__c: 'UTM Medium',
      UTM_Campaign__c: 'UTM Campaign',
      UTM_Term__c: 'UTM Term',
      UTM_Content__c: 'UTM Content',
      Topics__c: 'Topics',
      Harbour__c: 'Harbour',
      Pilot_Size__c: 'Size of the pilot',
      Consent__c: 'Consent',
    },
    { custom: true },
  ),
  ...typed('text', { Message__c: 'Message', Comments__c: 'Comments' }, { custom: true }),
  ...typed(
    'url',
    {
      First_Landing_Page__c: 'First landing page',
      Last_Landing_Page__c: 'Last landing page',
      Last_Referrer__c: 'Last referrer',
    },
    { custom: true },
  ),
  ...typed('integer', { Berths__c: 'Berths' }, { custom: true }),
  ...typed('percent', { Discount__c: 'Discount' }, { custom: true }),
]

/** The fields that every Marketo has. */
export const STANDARD_FIELDS: readonly Field[] = [...STANDARD, ...DERIVED]

export const FIELDS: readonly Field[] = [...STANDARD_FIELDS, ...CUSTOM]

/** @param labels display names by field name */
function typed(
  type: FieldType,
  labels: Readonly<Record<string, string>>,
  more: Pick<Field, 'readOnly' | 'custom'> = {},
): Field[] {
  return Object.entries(labels).map(([name, label]) => ({ name, type, label, ...more }))
}
