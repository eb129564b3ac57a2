/** `listMObjects`: the objects that can be described. It takes nothing. */
import { writeElement, writeSuccess } from '../write-xml.ts'

/** In Marketo's order. */
export const OBJECTS = ['ActivityRecord', 'LeadRecord', 'Opportunity', 'OpportunityPersonRole'] as const

export function listMObjects(): { body: string; leadId: null } {
  const objects = OBJECTS.map((name) => writeElement('objects', name)).join('')
  return { body: writeSuccess('ListMObjects', objects), leadId: null }
}
