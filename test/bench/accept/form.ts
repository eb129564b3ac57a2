/** The form of the bench and the variables of its relays. Data only: a Worker reads it too. */

/** As on the demo's pilot page: nine fields, two captured ones, a thanks address. */
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

/** Where the form is posted. */
export const PATH = '/f/contact'

/** What a relay is configured with. Nobody is called: nothing delivers. */
export const VARIABLES = {
  MARKETO_SOAP_ENDPOINT: 'https://123-abc-456.mktoapi.example/soap/mktows/3_1',
  MARKETO_USER_ID: 'acmeweb_0A1B2C3D4E5F60718293A4',
  MARKETO_SECRET_KEY: 'correct horse battery',
  MUNCHKIN_ID: '123-ABC-456',
}
