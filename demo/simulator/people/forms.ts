/** Defines the forms and programs that Submit Form may name. Data only. */

import type { FormView } from '../view.ts'

/** A form in Marketo's Design Studio. A draft cannot be submitted. New leads go to its workspace's primary partition. */
export type Form = FormView

/** Default forms. The first has every field that the demo's site sends. */
export const FORMS: readonly Form[] = [
  {
    id: 1029,
    name: 'Pilot request',
    status: 'approved',
    workspace: 'Default',
    fields: [
      'FirstName',
      'LastName',
      'Email',
      'Phone',
      'Company',
      'Harbour__c',
      'Pilot_Size__c',
      'Topics__c',
      'Message__c',
      'LeadSource',
      'UTM_Source__c',
      'Last_Landing_Page__c',
    ],
  },
  { id: 1030, name: 'Newsletter', status: 'approved', workspace: 'Default', fields: ['FirstName', 'Email'] },
  { id: 1031, name: 'Berth survey', status: 'draft', workspace: 'Default', fields: ['Email', 'Berths__c'] },
]

export interface Program {
  id: number
  name: string
  workspace: string
}

/** The programs of the campaigns. */
export const PROGRAMS: readonly Program[] = [
  { id: 1044, name: 'Pilots', workspace: 'Default' },
  { id: 1045, name: 'Newsletter', workspace: 'Default' },
]
