/** Defines the simulator's single account, with its SOAP and REST credentials. Imports nothing. */

export interface Account {
  /** Marketo's "User ID" of the SOAP API. */
  userId: string
  /** Marketo's "Encryption Key". */
  secretKey: string
  /** Marketo's "Client Id" of the custom service for the REST API. */
  clientId: string
  /** Marketo's "Client Secret". */
  clientSecret: string
  /** `123-ABC-456`. */
  munchkinId: string
}

/** Default account of the demo. Its key and its secret are public and protect nothing. */
export const DEMO_ACCOUNT: Account = {
  userId: 'form-sync_demo',
  secretKey: 'demo-secret-key',
  clientId: 'form-sync-demo-client',
  clientSecret: 'demo-client-secret',
  munchkinId: '123-ABC-456',
}

/**
 * Reads the account from `SIMULATOR_USER_ID`, `SIMULATOR_SECRET_KEY`, `SIMULATOR_CLIENT_ID`, `SIMULATOR_CLIENT_SECRET`
 * and `SIMULATOR_MUNCHKIN_ID`. A variable that is unset or empty takes the value of `DEMO_ACCOUNT`.
 */
export function accountFrom(environment: Readonly<Record<string, string | undefined>>): Account {
  return {
    userId: environment['SIMULATOR_USER_ID'] || DEMO_ACCOUNT.userId,
    secretKey: environment['SIMULATOR_SECRET_KEY'] || DEMO_ACCOUNT.secretKey,
    clientId: environment['SIMULATOR_CLIENT_ID'] || DEMO_ACCOUNT.clientId,
    clientSecret: environment['SIMULATOR_CLIENT_SECRET'] || DEMO_ACCOUNT.clientSecret,
    munchkinId: environment['SIMULATOR_MUNCHKIN_ID'] || DEMO_ACCOUNT.munchkinId,
  }
}
