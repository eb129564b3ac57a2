/** Campaigns that a program may ask for, and who was sent through them. It knows people by their ids alone. */
import type { CampaignView } from '../view.ts'

export type Campaign = Omit<CampaignView, 'requests'>

type CampaignRequest = CampaignView['requests'][number]

/** What the demo's Marketo has: those with the trigger "Campaign is Requested", source Web Service API. */
export const CAMPAIGNS: readonly Campaign[] = [
  { id: 1001, name: 'Pilot follow-up', program: 'Pilots' },
  { id: 1002, name: 'Newsletter welcome', program: 'Newsletter' },
]

export class Campaigns {
  readonly #campaigns: readonly Campaign[]
  readonly #requests = new Map<number, CampaignRequest[]>()

  constructor(campaigns: readonly Campaign[]) {
    this.#campaigns = campaigns
  }

  find(wanted: { id: number } | { name: string; program: string }): Campaign | undefined {
    return this.#campaigns.find((campaign) =>
      'id' in wanted ? campaign.id === wanted.id : campaign.name === wanted.name && campaign.program === wanted.program,
    )
  }

  request({ id }: Campaign, request: CampaignRequest): void {
    this.#requests.set(id, [...(this.#requests.get(id) ?? []), request])
  }

  view(): CampaignView[] {
    return this.#campaigns.map((campaign) => ({ ...campaign, requests: this.#requests.get(campaign.id) ?? [] }))
  }

  /** What `view` once gave. */
  restore(view: readonly CampaignView[]): void {
    for (const { id, requests } of view) this.#requests.set(id, requests)
  }

  /** Nobody was ever sent through one. */
  clear(): void {
    this.#requests.clear()
  }
}
