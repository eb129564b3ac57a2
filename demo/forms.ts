/** Contains the forms file of the demo; a test checks that it matches the controls on the pilot page. */

/**
 * Returns the content of the forms file.
 *
 * @param site address of the demo site, such as `http://localhost:8080`, whose origin may post the form
 */
export function demoForms(site: string) {
  const { origin } = new URL(site)
  return {
    forms: {
      contact: {
        origins: [origin],
        fields: {
          FirstName: { type: 'text', label: 'First name', maxLength: 40 },
          LastName: { type: 'text', label: 'Last name', required: true, maxLength: 40 },
          Email: { type: 'email', label: 'E-mail address', required: true },
          Phone: { type: 'tel', label: 'Telephone' },
          Company: { type: 'text', label: 'Company or authority' },
          Harbour: { type: 'text', label: 'Harbour', attribute: 'Harbour__c' },
          PilotSize: {
            type: 'choice',
            label: 'Berths in the pilot',
            attribute: 'Pilot_Size__c',
            options: ['1-3', '4-10', '11-30', '30+'],
          },
          Topics: {
            type: 'choice',
            label: 'What should we forecast?',
            attribute: 'Topics__c',
            multiple: true,
            options: ['tides', 'currents', 'surge', 'under-keel'],
          },
          Message: { type: 'textarea', label: 'Anything we should know', attribute: 'Message__c', maxLength: 2000 },
        },
        constants: { LeadSource: 'Web' },
        capture: { utm_source: 'UTM_Source__c', page: 'Last_Landing_Page__c' },
        associate: 'always',
        thanks: `${origin}/thanks`,
      },
    },
  }
}
