/** Registers the page's elements. The classes register nothing themselves, so that each can be imported alone. */
import { CallLog } from './call/call-log.ts'
import { CallPanel } from './call/call-panel.ts'
import { XmlText } from './call/xml-text.ts'
import { PersonLine } from './line/person-line.ts'
import { ConnectionStatus } from './page/connection-status.ts'
import { FilterBar } from './page/filter-bar.ts'
import { FirstSteps } from './page/first-steps.ts'
import { JourneysPage } from './page/journeys-page.ts'
import { LimitsBar } from './page/limits-bar.ts'
import { NewsButton } from './page/news-button.ts'
import { PeopleList } from './people/people-list.ts'
import { PersonDetails } from './people/person-details.ts'
import { PersonRow } from './people/person-row.ts'

const ELEMENTS: Record<string, CustomElementConstructor> = {
  'call-log': CallLog,
  'call-panel': CallPanel,
  'xml-text': XmlText,
  'person-line': PersonLine,
  'connection-status': ConnectionStatus,
  'filter-bar': FilterBar,
  'first-steps': FirstSteps,
  'limits-bar': LimitsBar,
  'news-button': NewsButton,
  'people-list': PeopleList,
  'person-row': PersonRow,
  'person-details': PersonDetails,
  // Last, because it uses the others.
  'journeys-page': JourneysPage,
}

/** Registers all elements. A second call has no effect. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    if (!customElements.get(name)) customElements.define(name, element)
  }
}
