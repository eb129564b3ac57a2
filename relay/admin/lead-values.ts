/** The values of a lead, as an operator sees them who asks for them: personal data. Pure. */
import type { Lead } from '../intake/lead.ts'

export interface Values extends Pick<Lead, 'email' | 'cookie' | 'workspace'> {
  attributes: Record<string, string>
}

/** Returns the values of a lead by their names. */
export function valuesOf({ email, cookie, workspace, attributes }: Lead): Values {
  return {
    email,
    ...(cookie !== undefined && { cookie }),
    ...(workspace !== undefined && { workspace }),
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
  }
}
