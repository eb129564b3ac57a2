/** What may arrive at Marketo, whatever was posted: the attributes, values, cookies and workspaces of the forms. Pure. */
import type { PersonView } from '../../demo/simulator/view.ts'
import { ALLOWED, SERVER_LEAD } from './forms.ts'

/** Returns what of these people the configuration does not allow. Names are shown, values are not. */
export function forbiddenIn(people: readonly PersonView[]): string[] {
  const own = people.filter(({ email }) => email !== SERVER_LEAD)
  return own.flatMap(({ email, attributes, cookies, workspace, foreignIds }) => [
    ...(email === null || /^[^\s@]+@[^\s@]+$/.test(email) ? [] : ['an address that is none']),
    ...Object.keys(attributes)
      .filter((name) => !ALLOWED.attributes.has(name))
      .map((name) => `the attribute ${name}`),
    ...Object.entries(ALLOWED.values)
      .filter(([name, allowed]) => attributes[name] !== undefined && !allowed.test(attributes[name]))
      .map(([name]) => `a value of ${name} that is not listed`),
    ...cookies.filter((cookie) => !ALLOWED.cookie.test(cookie)).map(() => 'a cookie of another account or site'),
    ...(ALLOWED.workspaces.has(workspace) ? [] : [`the workspace ${workspace}`]),
    ...(foreignIds.length > 0 ? ['the id of another system'] : []),
  ])
}
