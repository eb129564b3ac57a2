/** Stores the campaigns that may be requested, and the requests for them. Refers to people by id only. */
import type { CampaignView } from '../view.ts'

export type Campaign = Omit<CampaignView, 'requests'>

type CampaignRequest = CampaignView['requests'][number]

/** Default campaigns. In Marketo they have the trigger "Campaign is Requested", source Web Service API. */
export const CAMPAIGNS: readonly Campaign[] = [
  { id: 1001, name: 'Pilot follow-up', program: 'Pilots' },
  { id: 1002, name: 'Newsletter welcome', program: 'Newsletter' },
]

export class Campaigns {
  readonly #campaigns: () => readonly Campaign[]
  readonly #requests = new Map<number, CampaignRequest[]>()

  /** @param campaigns returns those that there are now */
  constructor(campaigns: () => readonly Campaign[]) {
    this.#campaigns = campaigns
  }

  find(wanted: { id: number } | { name: string; program: string }): Campaign | undefined {
    return this.#campaigns().find((campaign) =>
      'id' in wanted ? campaign.id === wanted.id : campaign.name === wanted.name && campaign.program === wanted.program,
    )
  }

  request({ id }: Campaign, request: CampaignRequest): void {
    this.#requests.set(id, [...(this.#requests.get(id) ?? []), request])
  }

  view(): CampaignView[] {
    return this.#campaigns().map((campaign) => ({ ...campaign, requests: this.#requests.get(campaign.id) ?? [] }))
  }

  /** Restores the requests from an earlier `view`. */
  restore(view: readonly CampaignView[]): void {
    for (const { id, requests } of view) this.#requests.set(id, requests)
  }

  /** Removes all requests. */
  clear(): void {
    this.#requests.clear()
  }
}
