/** The form of the bench and the variables of its relays. Only data, because a Worker imports it too. */

/** Nine fields, two captured values and a thanks address, like the form of the demo's pilot page. */
export const FORMS = {
  forms: {
    contact: {
      origins: ['https://www.acme.example'],
      fields: {
        FirstName: { label: 'First name', maxLength: 40 },
        LastName: { label: 'Last name', required: true, maxLength: 40 },
        Email: { type: 'email', label: 'E-mail address', required: true },
        Phone: { type: 'tel', label: 'Telephone' },
        Company: { label: 'Company' },
        Harbour: { label: 'Harbour', attribute: 'Harbour__c' },
        Size: { type: 'choice', label: 'Berths', attribute: 'Size__c', options: ['1-3', '4-10', '11-30', '30+'] },
        Topics: {
          type: 'choice',
          label: 'Topics',
          attribute: 'Topics__c',
          multiple: true,
          options: ['tides', 'surge'],
        },
        Message: { type: 'textarea', label: 'Message', attribute: 'Message__c', maxLength: 2000 },
      },
      constants: { LeadSource: 'Web' },
      capture: { utm_source: 'UTM_Source__c', page: 'Last_Landing_Page__c' },
      thanks: 'https://www.acme.example/thanks',
    },
  },
}

/** Path that the form is posted to. */
export const PATH = '/f/contact'

/** Variables of a relay. Nothing is delivered, so the address is never called. */
export const VARIABLES = {
  MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acmeweb_0A1B2C3D4E5F60718293A4',
  MARKETO_SECRET_KEY: 'correct horse battery',
  MUNCHKIN_ID: '123-ABC-456',
}

/** Token of the operator, who reads the backlog. */
export const TOKEN = 'token-of-the-operator-of-the-bench'
