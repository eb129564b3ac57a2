/**
 * The fields that this Marketo's people have, under their SOAP API names. What is not here is an unknown attribute.
 *
 * The standard names are those of Adobe's list (help/rest-api/list-of-standard-fields); fields without a SOAP name are
 * not in it. The custom ones are those of a company that sells forecasts to harbours.
 */

export interface Field {
  name: string
  /** As `attrType` says it in a returned lead. */
  type: FieldType
  /** Marketo answers UPDATED and stores nothing. */
  readOnly?: true
}

type FieldType = 'string' | 'text' | 'email' | 'phone' | 'url' | 'date' | 'boolean' | 'integer' | 'currency' | 'score'

const STANDARD: readonly Field[] = [
  ...typed('string', 'FirstName MiddleName LastName Salutation Title Department LeadRole'),
  ...typed('string', 'Company Site Industry SICCode LeadSource LeadStatus Rating'),
  ...typed('string', 'City State PostalCode Country'),
  ...typed('string', 'BillingStreet BillingCity BillingState BillingPostalCode BillingCountry'),
  ...typed('text', 'Address DoNotCallReason UnsubscribedReason'),
  ...typed('email', 'Email'),
  ...typed('phone', 'Phone MobilePhone MainPhone Fax'),
  ...typed('url', 'Website'),
  ...typed('date', 'DateofBirth'),
  ...typed('boolean', 'DoNotCall Unsubscribed'),
  ...typed('integer', 'NumberOfEmployees'),
  ...typed('currency', 'AnnualRevenue'),
  ...typed('score', 'LeadScore'),
]

/** Marketo works these out by itself. */
const WORKED_OUT = ['AnonymousIP', 'InferredCompany', 'InferredCountry'].map((name): Field => ({
  name,
  type: 'string',
  readOnly: true,
}))

const CUSTOM: readonly Field[] = [
  ...typed('string', 'UTM_Source__c UTM_Medium__c UTM_Campaign__c UTM_Term__c UTM_Content__c'),
  ...typed('string', 'Topics__c Harbour__c Pilot_Size__c Consent__c'),
  ...typed('text', 'Message__c Comments__c'),
  ...typed('url', 'First_Landing_Page__c Last_Landing_Page__c Last_Referrer__c'),
]

export const FIELDS: readonly Field[] = [...STANDARD, ...WORKED_OUT, ...CUSTOM]

/** `names` stand in one text, parted by spaces. */
function typed(type: FieldType, names: string): Field[] {
  return names.split(' ').map((name) => ({ name, type }))
}
