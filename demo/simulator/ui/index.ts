/** Starts the journeys page. The only file that passes browser globals such as `fetch` and timers to the others. */
import type { CallDetail } from '../view.ts'
import { follow } from './data/feed.ts'
import { Journeys } from './data/journeys.ts'
import { defineElements } from './elements.ts'
import { JourneysPage } from './page/journeys-page.ts'

defineElements()
const journeys = new Journeys()

const page = document.querySelector('journeys-page')
if (page instanceof JourneysPage) {
  page.site = metaContent('site')
  page.munchkinId = metaContent('munchkin')
  page.clock = () => Date.now()
  page.detailOf = async (number) => {
    const response = await fetch(`sim/calls/${number}`)
    return response.ok ? ((await response.json()) as CallDetail) : null
  }
  page.journeys = journeys
}

follow(journeys, {
  fetch: (path) => fetch(path),
  events: (path) => new EventSource(path),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  now: () => Date.now(),
})

function metaContent(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? ''
}
