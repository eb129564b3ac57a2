/** Implements `listMObjects`: lists the objects that `describeMObject` describes. Has no parameters. */
import { writeElement, writeSuccess } from '../write-xml.ts'

/** Object names in Marketo's order. */
export const OBJECTS = ['ActivityRecord', 'LeadRecord', 'Opportunity', 'OpportunityPersonRole'] as const

export function listMObjects(): { body: string; leadId: null } {
  const objects = OBJECTS.map((name) => writeElement('objects', name)).join('')
  return { body: writeSuccess('ListMObjects', objects), leadId: null }
}
