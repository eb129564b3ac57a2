/** Sends the customers of a shop to Marketo: code of another project, which calls the REST API by itself. */

export interface Settings {
  endpoint: string
  clientId: string
  clientSecret: string
  fetch?: typeof globalThis.fetch
}

export interface Customer {
  email: string
  firstName?: string
  loyaltyPoints?: number
}

/** Creates or updates a customer. Returns the id in Marketo. */
export async function saveCustomer(settings: Settings, customer: Customer): Promise<number> {
  const { endpoint, fetch = globalThis.fetch } = settings
  const lead = { email: customer.email, firstName: customer.firstName, Loyalty_Points__c: customer.loyaltyPoints }
  const response = await fetch(`${endpoint}/v1/leads.json`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await token(settings)}` },
    body: JSON.stringify({ lookupField: 'email', input: [lead] }),
  })
  const { result } = (await response.json()) as { result: { id: number; reasons?: { message: string }[] }[] }
  const [saved] = result
  if (saved?.reasons) throw new Error(saved.reasons[0]?.message)
  return saved!.id
}

async function token({ endpoint, clientId, clientSecret, fetch = globalThis.fetch }: Settings): Promise<string> {
  const response = await fetch(endpoint.replace(/rest$/, 'identity/oauth/token'), {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}
