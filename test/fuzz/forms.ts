/** The forms of the relay that is fuzzed, and what Marketo may receive by them. */

export const ORIGIN = 'https://www.acme.example'
export const SERVER_KEY = 'key-of-a-server-of-acme'
export const MUNCHKIN_ID = '123-ABC-456'

export const FORMS = {
  forms: {
    contact: {
      origins: [ORIGIN],
      fields: {
        Email: { type: 'email', label: 'E-mail address', required: true },
        LastName: { label: 'Last name', required: true, maxLength: 40 },
        Message: { type: 'textarea', attribute: 'Message__c' },
        Topics: { attribute: 'Topics__c', type: 'choice', multiple: true, options: ['a', 'b'] },
        Size: { attribute: 'Size__c', type: 'choice', options: ['s', 'm'] },
      },
      constants: { LeadSource: 'Web' },
      capture: { utm_source: 'UTM_Source__c', page: 'Last_Landing_Page__c' },
      consent: { decision: 'Consent__c' },
      thanks: `${ORIGIN}/thanks`,
    },
    plain: { origins: [ORIGIN], fields: { Email: { type: 'email', required: true } }, associate: 'never' },
  },
}

/** Address of the lead that a server sends, with any attribute. */
export const SERVER_LEAD = 'server@fuzz.example'

/** What a person of the simulator may have by the forms. */
export const ALLOWED = {
  /** Attributes that the forms write. */
  attributes: new Set([
    'Email',
    'LastName',
    'Message__c',
    'Topics__c',
    'Size__c',
    'LeadSource',
    'UTM_Source__c',
    'Last_Landing_Page__c',
    'Consent__c',
  ]),
  workspaces: new Set(['Default']),
  values: {
    LeadSource: /^Web$/,
    Consent__c: /^(?:granted|denied|not-required)$/,
    Size__c: /^[sm]$/,
    Topics__c: /^[ab](?:;[ab])*$/,
  } as Record<string, RegExp>,
  cookie: /^id:123-ABC-456&token:_mch-(?:www\.)?acme\.example-[\w.-]+$/,
}
