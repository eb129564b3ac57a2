/** Reads the decisions that OneTrust's script has stored: its active groups, and whether the visitor was asked. */
import type { Answer, Tool } from './answer.ts'

interface OneTrust {
  IsAlertBoxClosed: () => boolean
  GetDomainData: () => { ShowAlertNotice: boolean; ConsentModel: { Name: string } }
}

declare global {
  interface Window {
    /** Has other members before the script has loaded. */
    OneTrust?: Partial<OneTrust>
    /** Groups that the visitor has agreed to, or that are always active: `,C0001,C0004,`. */
    OnetrustActiveGroups?: string
  }
}

/** Models of consent in which groups are active until the visitor objects. */
const WITHOUT_ASKING = /opt-?out|notice/i

export const onetrust: Tool = {
  label: 'OneTrust',
  // Targeting.
  categories: ['C0004'],
  isPresent: () =>
    typeof window.OneTrust?.IsAlertBoxClosed === 'function' && typeof window.OnetrustActiveGroups === 'string',
  follow: (groups) => () =>
    onetrust.isPresent() ? answerOf(window.OneTrust as OneTrust, groups, window.OnetrustActiveGroups!) : undefined,
}

function answerOf(tool: OneTrust, groups: string[], activeGroups: string): Answer | undefined {
  const active = activeGroups.split(',').filter(Boolean)
  const isActive = groups.every((group) => active.some((each) => each.toLowerCase() === group.toLowerCase()))
  const detail = active.join(',')
  if (tool.IsAlertBoxClosed()) return { decision: isActive ? 'granted' : 'denied', time: closedAt(), detail }
  const { ShowAlertNotice, ConsentModel } = tool.GetDomainData()
  if (ShowAlertNotice && !WITHOUT_ASKING.test(ConsentModel.Name)) return undefined
  return { decision: isActive ? 'not-required' : 'denied', detail }
}

/** Returns when the visitor has closed the banner, by the cookie that OneTrust keeps for it. */
function closedAt(): number | undefined {
  const [, time] = /(?:^|; *)OptanonAlertBoxClosed=([^;]+)/.exec(document.cookie) ?? []
  return time === undefined ? undefined : Date.parse(time)
}
