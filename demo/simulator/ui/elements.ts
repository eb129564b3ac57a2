/** Gives every element of the page its name. The classes themselves register nothing, so that any may be taken alone. */
import { CallLog } from './call/call-log.ts'
import { CallPanel } from './call/call-panel.ts'
import { XmlText } from './call/xml-text.ts'
import { PersonLine } from './line/person-line.ts'
import { FilterBar } from './page/filter-bar.ts'
import { FirstSteps } from './page/first-steps.ts'
import { JourneysPage } from './page/journeys-page.ts'
import { LimitsBar } from './page/limits-bar.ts'
import { LiveMark } from './page/connection-status.ts'
import { PeopleList } from './people/people-list.ts'
import { PersonRow } from './people/person-row.ts'
import { PersonStory } from './people/person-details.ts'

const ELEMENTS: Record<string, CustomElementConstructor> = {
  'call-log': CallLog,
  'call-panel': CallPanel,
  'xml-text': XmlText,
  'person-line': PersonLine,
  'filter-bar': FilterBar,
  'first-steps': FirstSteps,
  'limits-bar': LimitsBar,
  'live-mark': LiveMark,
  'people-list': PeopleList,
  'person-row': PersonRow,
  'person-story': PersonStory,
  // The last, since it uses the others.
  'journeys-page': JourneysPage,
}

/** Once a page; a second call changes nothing. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, element)
  }
}
